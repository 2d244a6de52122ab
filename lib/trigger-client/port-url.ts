import { SandboxError } from "../contract/errors.ts";
import type { Sandbox } from "./sandbox.ts";

/** How a port is to be spoken to. */
export type PortProtocol = "http" | "https" | "ws" | "wss";

/**
 * The URL of a port of a running sandbox, which is exposed first if it was not yet. The scheme follows the
 * protocol that is asked for. Throws `unsupported` for an encrypted one where the port is reached in the clear.
 */
export async function portUrl(
  sandbox: Sandbox,
  { port, protocol, signal }: { port: number; protocol?: PortProtocol; signal?: AbortSignal },
): Promise<string> {
  const exposed = sandbox.routes.map((route) => route.port);
  if (!exposed.includes(port)) {
    await sandbox.update({ ports: [...exposed, port] }, signal && { signal });
  }
  const url = sandbox.domain(port);
  if (protocol === undefined) return url;
  const isSecure = url.startsWith("https:");
  // Asking for less than there is gives what there is: a cloud answers nothing in the clear.
  if ((protocol === "https" || protocol === "wss") && !isSecure) {
    throw new SandboxError(
      "unsupported",
      `${protocol} was asked for, but port ${port} of ${sandbox.name} is at ${url}: ports of this machine are not encrypted. Ask for ${protocol === "wss" ? "ws" : "http"}.`,
    );
  }
  return protocol.startsWith("ws") ? url.replace(/^http/, "ws") : url;
}

import { SandboxError } from "../contract/errors.ts";
import { readSettings } from "../host/settings.ts";
import { sharedTransport } from "../host/shared-transport.ts";

/**
 * The route's URL as this program reaches it. Throws `unsupported` for a sandbox in a run into which nothing
 * leads: the engine's own URL would be of the wrong machine.
 */
export function reachable({ url, port }: { url: string; port: number }): string {
  if (sharedTransport().kind !== "trigger") return url;
  const { ingress } = readSettings();
  if (ingress !== undefined) return ingress.replaceAll("{port}", new URL(url).port);
  throw new SandboxError(
    "unsupported",
    `Port ${port} of the sandbox cannot be reached: it is inside a Trigger.dev run, and nothing leads there from outside. Where the runs are on a machine that you reach (\`trigger dev\` on this one), set SANDLOT_INGRESS to its address with {port} in it, such as http://localhost:{port}; or use SANDLOT_ENGINE=daemon, a URL or vercel for sandboxes that serve.`,
  );
}

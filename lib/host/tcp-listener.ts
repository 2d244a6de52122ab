import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { SandboxError } from "../contract/errors.ts";
import { accessToken } from "./access-token.ts";
import { type ApiServerOptions, createApiServer } from "./api-server.ts";
import { refusal } from "./loopback-guard.ts";
import type { ListenAddress } from "./settings.ts";
import { stateFolder } from "./state-folder.ts";

/**
 * Serves the API on a loopback port, to whoever has the state folder's token and comes from no web page.
 * Throws `engine_unavailable` when the port is taken.
 */
export async function listenOnLoopback(
  handlers: Omit<ApiServerOptions, "guard">,
  { address, home }: { address: ListenAddress; home: string },
): Promise<{ server: Server; url: string }> {
  const token = accessToken(stateFolder(home).token);
  const portOf = (server: Server) => (server.address() as AddressInfo).port;
  const server = createApiServer({
    ...handlers,
    guard: ({ headers }) => refusal(headers, { port: portOf(server), token }),
  });
  server.listen(address);
  try {
    await once(server, "listening");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SandboxError(
      "engine_unavailable",
      `The daemon cannot listen where SANDLOT_LISTEN says (${reason}). Name another port, or auto.`,
      { cause: error },
    );
  }
  const host = address.host === "::1" ? "[::1]" : address.host;
  return { server, url: `http://${host}:${portOf(server)}` };
}

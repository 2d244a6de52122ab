import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { Face } from "../engine/face.ts";

/** A face on a port of its own, for clients that want a URL. No WebSockets, and nobody asks who calls. */
export async function servedFace(
  face: Pick<Face, "fetch">,
): Promise<AsyncDisposable & { url: string }> {
  const server = createAdaptorServer({ fetch: (request) => face.fetch(request) });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, "close");
      server.close();
      if ("closeAllConnections" in server) server.closeAllConnections();
      await closed;
    },
  };
}

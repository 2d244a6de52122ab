import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

/** Keeps what is PUT, at the path it was PUT to, for whoever has the password. Ending it forgets everything. */
export async function archiveServer(): Promise<
  AsyncDisposable & { url: string; kept: Map<string, Buffer> }
> {
  const kept = new Map<string, Buffer>();
  const expected = `Basic ${Buffer.from("user:pass word").toString("base64")}`;
  const server = createServer();
  server.on("request", async (request, response) => {
    const { method, url = "", headers } = request;
    const answer = (status: number, body?: Buffer): void => {
      response.writeHead(status).end(body);
    };
    if (headers.authorization !== expected) return answer(401);
    if (method === "PUT") {
      kept.set(url, await buffer(request));
      return answer(201);
    }
    const found = kept.get(url);
    if (!found) return answer(404);
    if (method === "DELETE") kept.delete(url);
    return method === "DELETE" ? answer(204) : answer(200, found);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://user:pass%20word@127.0.0.1:${port}/boxes`,
    kept,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** What a route answers: a body with status 200, or a Response of its own. */
type Route = (body: unknown, request: IncomingMessage) => unknown;

/** A server on loopback with these routes, `GET /path`; everything else is a 404 page. */
export async function fakeServer(
  routes: Record<string, Route>,
): Promise<AsyncDisposable & { port: number; url: string; asked: IncomingMessage[] }> {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", async () => {
      const { pathname } = new URL(request.url ?? "/", "http://localhost");
      const route = routes[`${request.method} ${pathname}`];
      const text = Buffer.concat(chunks).toString();
      const answer = await route?.(text === "" ? undefined : JSON.parse(text), request);
      if (answer instanceof Response) {
        response.writeHead(answer.status, Object.fromEntries(answer.headers));
        response.end(await answer.text());
      } else if (answer === undefined) {
        response.writeHead(404, { "content-type": "text/html" });
        response.end("<h1>Not found</h1>");
      } else {
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify(answer));
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

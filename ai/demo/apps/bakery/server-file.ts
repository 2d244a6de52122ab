import type { DemoFile } from "../demo-file.ts";

/** A server of static files without a package. */
export const serverFile: DemoFile = {
  path: "server.mjs",
  content: String.raw`// Serves the files beside it. PORT says where it listens.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";

const root = join(import.meta.dirname, "public");
const types = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".svg": "image/svg+xml",
};

const server = createServer(async (request, response) => {
  try {
    const { pathname } = new URL(request.url, "http://localhost");
    const path = normalize(join(root, decodeURIComponent(pathname)));
    if (path !== root && !path.startsWith(root + sep)) throw new Error("outside of the folder");
    const file = pathname.endsWith("/") ? join(path, "index.html") : path;
    const body = await readFile(file);
    response.writeHead(200, {
      "content-type": types[extname(file)] ?? "application/octet-stream",
      "cache-control": "no-cache",
    });
    response.end(request.method === "HEAD" ? undefined : body);
  } catch {
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8" });
    response.end("There is nothing here.\n");
  }
});

server.listen(process.env.PORT ?? 3000, () => {
  console.log("The bakery is open on port " + server.address().port);
});
`,
};

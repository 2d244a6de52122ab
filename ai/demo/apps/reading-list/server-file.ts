import type { DemoFile } from "../demo-file.ts";

/** The API and the server of its page, without a package. */
export const serverFile: DemoFile = {
  path: "server.mjs",
  content: String.raw`// A reading list: an API under /api/books, and the page that uses it. PORT says where it listens.
import { randomUUID } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";

const dataFile = join(import.meta.dirname, "books.json");
const pages = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/app.js": ["app.js", "text/javascript; charset=utf-8"],
  "/styles.css": ["styles.css", "text/css; charset=utf-8"],
};

const load = () => {
  try {
    return JSON.parse(readFileSync(dataFile, "utf8"));
  } catch {
    return [];
  }
};
let books = load();

// Written beside and then renamed: a crash leaves the old list or the new one, never half of it.
const save = () => {
  writeFileSync(dataFile + ".new", JSON.stringify(books, null, 2));
  renameSync(dataFile + ".new", dataFile);
};

class BadRequest extends Error {
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

const textOf = (body, field, { required }) => {
  const value = body[field] ?? "";
  if (typeof value !== "string") throw new BadRequest(field, field + " must be a text");
  const text = value.trim();
  if (required && text === "") throw new BadRequest(field, field + " must not be empty");
  if (text.length > 200) throw new BadRequest(field, field + " may have 200 characters");
  return text;
};

const readBody = async (request) => {
  let text = "";
  for await (const chunk of request) {
    text += chunk;
    if (text.length > 10_000) throw new BadRequest("body", "the request is too long");
  }
  try {
    const body = JSON.parse(text);
    if (body && typeof body === "object" && !Array.isArray(body)) return body;
  } catch {}
  throw new BadRequest("body", "the body must be a JSON object");
};

const routes = {
  "GET /api/books": () => [200, { books }],
  "POST /api/books": async (request) => {
    const body = await readBody(request);
    const book = {
      id: randomUUID(),
      title: textOf(body, "title", { required: true }),
      author: textOf(body, "author", { required: false }),
      read: false,
      addedAt: new Date().toISOString(),
    };
    books = [book, ...books];
    save();
    return [201, book];
  },
  "PATCH /api/books/:id": async (request, id) => {
    const book = books.find((one) => one.id === id);
    if (!book) return [404, { error: { message: "there is no such book" } }];
    const { read } = await readBody(request);
    if (typeof read !== "boolean") throw new BadRequest("read", "read must be true or false");
    book.read = read;
    save();
    return [200, book];
  },
  "DELETE /api/books/:id": (_request, id) => {
    const before = books.length;
    books = books.filter((one) => one.id !== id);
    if (books.length === before) return [404, { error: { message: "there is no such book" } }];
    save();
    return [204];
  },
};

const answer = async (request) => {
  const { pathname } = new URL(request.url, "http://localhost");
  const id = pathname.match(/^\/api\/books\/([^/]+)$/)?.[1];
  const route = routes[request.method + " " + (id ? "/api/books/:id" : pathname)];
  if (!route) return [404, { error: { message: "there is nothing here" } }];
  return route(request, id);
};

const server = createServer(async (request, response) => {
  try {
    const page = request.method === "GET" && pages[new URL(request.url, "http://localhost").pathname];
    if (page) {
      response.writeHead(200, { "content-type": page[1], "cache-control": "no-cache" });
      response.end(await readFile(join(import.meta.dirname, "public", page[0])));
      return;
    }
    const [status, body] = await answer(request);
    response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
    response.end(body && JSON.stringify(body));
    console.log(request.method + " " + request.url + " " + status);
  } catch (error) {
    const status = error instanceof BadRequest ? 400 : 500;
    if (status === 500) console.error(error);
    const message = status === 400 ? error.message : "something went wrong";
    response.writeHead(status, { "content-type": "application/json; charset=utf-8" });
    response.end(JSON.stringify({ error: { field: error.field, message } }));
  }
});

server.listen(process.env.PORT ?? 3000, () => {
  console.log("The reading list is on port " + server.address().port);
});
`,
};

import { extname } from "node:path";
import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { FileInfo } from "../../../contract/file.ts";
import type { Engine } from "../../../engine/engine.ts";
import { chooseEncoding } from "./accept-encoding.ts";
import { readRange } from "./byte-range.ts";
import { refuseWith } from "./file-answers.ts";
import type { SandboxFiles } from "./sandbox-files.ts";

// What a browser shows by itself. Pages and drawings are not among them: they may run programs, and would do so in
// the name of this server.
const TYPES: Record<string, string> = {
  ".css": "text/css; charset=utf-8",
  ".csv": "text/csv; charset=utf-8",
  ".gif": "image/gif",
  ".jpeg": "image/jpeg",
  ".jpg": "image/jpeg",
  ".json": "application/json",
  ".md": "text/markdown; charset=utf-8",
  ".mp4": "video/mp4",
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".txt": "text/plain; charset=utf-8",
  ".webp": "image/webp",
};

/** `GET /files`: a file or a range of it, streamed. */
export async function download(
  request: Request,
  { engine, files, path }: { engine: Engine; files: SandboxFiles; path: string },
): Promise<Response> {
  const target = await files.target(path);
  if (!target) return refuseWith(404, `path '${path}' does not exist`);
  if (target.type === "directory") return refuseWith(400, `path '${path}' is a directory`);
  if (target.type !== "file") return refuseWith(400, `path '${path}' is no regular file`);
  const encoding = chooseEncoding(request.headers.get("accept-encoding"));
  if (encoding === "none") {
    return refuseWith(400, "error parsing Accept-Encoding: files are sent as they are, or as gzip");
  }
  const headers = headersOf(target);
  if (isUnchanged(request, target)) return new Response(null, { status: 304, headers });
  const range = readRange(rangeHeader(request, target), target.size);
  if (range === "unsatisfiable") {
    headers.set("content-range", `bytes */${target.size}`);
    return new Response(null, { status: 416, headers });
  }
  const { size, content } = await engine.files.read(
    files.sessionId,
    { path, sudo: files.sudo, ...range },
    { signal: request.signal },
  );
  // A part of what is compressed is no part of the file.
  if (encoding === "gzip" && !range && !request.headers.has("range")) {
    headers.set("content-encoding", "gzip");
    // What fails is told to whom reads what comes out; one that leaves ends both.
    return new Response(toWeb(pipeline(content, createGzip(), () => undefined)), { headers });
  }
  // The file may have shrunk since it was looked at.
  const [first, last] = range ? [range.start, Math.min(range.end, size - 1)] : [0, size - 1];
  const length = Math.max(0, last - first + 1);
  headers.set("content-length", String(length));
  if (range) headers.set("content-range", `bytes ${first}-${last}/${size}`);
  const pieces = Readable.from(exactly(content, length), { objectMode: false });
  // A reader that leaves before the first of them has not begun their making, which would close the file.
  pieces.once("close", () => content.destroy());
  return new Response(toWeb(pieces), { status: range ? 206 : 200, headers });
}

function headersOf({ path, modifiedAt }: FileInfo): Headers {
  return new Headers({
    "accept-ranges": "bytes",
    "cache-control": "no-cache",
    "content-security-policy": "sandbox",
    "content-type": TYPES[extname(path).toLowerCase()] ?? "application/octet-stream",
    "last-modified": new Date(modifiedAt).toUTCString(),
    vary: "accept-encoding",
    "x-content-type-options": "nosniff",
  });
}

/** Times in headers are whole seconds. */
function isUnchanged({ headers }: Request, { modifiedAt }: FileInfo): boolean {
  const since = Date.parse(headers.get("if-modified-since") ?? "");
  return since >= Math.floor(modifiedAt / 1_000) * 1_000;
}

/** A range of a file that has changed since is not asked for. */
function rangeHeader({ headers }: Request, { modifiedAt }: FileInfo): string | null {
  const condition = headers.get("if-range");
  const isThat = condition === null || condition === new Date(modifiedAt).toUTCString();
  return isThat ? headers.get("range") : null;
}

/** What was announced, though the file grows while it is read. One that shrinks ends the answer in the middle. */
async function* exactly(content: Readable, length: number): AsyncGenerator<Uint8Array, void, void> {
  let left = length;
  for await (const piece of content as AsyncIterable<Uint8Array>) {
    if (left === 0) return;
    yield left < piece.byteLength ? piece.subarray(0, left) : piece;
    left -= Math.min(left, piece.byteLength);
  }
  if (left > 0) throw new Error(`the file shrank while it was read: ${left} bytes are missing`);
}

function toWeb(stream: Readable): ReadableStream<Uint8Array> {
  return Readable.toWeb(stream) as ReadableStream<Uint8Array>;
}

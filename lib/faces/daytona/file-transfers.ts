import { basename } from "node:path";
import { Readable } from "node:stream";
import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import type { FileToWrite } from "../../engine/file-words.ts";
import { mediaType } from "../../engine/face-request.ts";
import { readForm } from "../../engine/multipart-form.ts";
import { bodyOf } from "../../engine/request-body.ts";
import { newId } from "../../std/ids.ts";
import {
  type DaytonaContext,
  json,
  done,
  type ToolboxCall,
  type ToolboxEndpoint,
} from "./answers.ts";
import { wireError } from "./faults.ts";
import { FilePath, PathQuery } from "./file-endpoints.ts";
import { readQuery, readToolboxJson } from "./read-request.ts";

const PathsBody = z.object({ paths: z.array(FilePath).min(1) });

/** The contents of files, many in one call or one by a signed link. */
export function fileTransferEndpoints(context: DaytonaContext): ToolboxEndpoint[] {
  const { files } = context.engine;
  return [
    {
      method: "POST",
      path: "/files/bulk-upload",
      async answer(call) {
        const written = await files.write(call.session.id, namedFiles(call), call.request);
        if (written.length > 0) return done();
        throw new SandboxError("invalid_request", "The form holds no files[0].file.");
      },
    },
    {
      method: "POST",
      path: "/files/upload-v2",
      answer: (call) => upload(context, call),
    },
    {
      method: "POST",
      path: "/files/upload",
      answer: (call) => upload(context, call),
    },
    {
      method: "POST",
      path: "/files/bulk-download",
      async answer(call) {
        const { paths } = await readToolboxJson(call.request, PathsBody, "files to be read");
        const boundary = newId("sandlot");
        return new Response(
          ReadableStream.from(
            parts(context, call, { paths, boundary }),
          ) as ReadableStream<Uint8Array>,
          { headers: { "content-type": `multipart/form-data; boundary=${boundary}` } },
        );
      },
    },
    {
      method: "GET",
      path: "/files/download",
      async answer({ request, url, session }) {
        const { path } = readQuery(url, PathQuery, "a file to be read");
        const { content } = await files.read(session.id, { path }, request);
        const name = encodeURIComponent(basename(path));
        return new Response(Readable.toWeb(content) as ReadableStream<Uint8Array>, {
          headers: {
            "content-type": "application/octet-stream",
            "content-disposition": `attachment; filename*=UTF-8''${name}`,
            "cache-control": "no-store",
          },
        });
      },
    },
  ];
}

async function upload({ engine }: DaytonaContext, call: ToolboxCall): Promise<Response> {
  const { path } = readQuery(call.url, PathQuery, "a file to be written");
  const [written] = await engine.files.write(call.session.id, oneFile(call, path), call.request);
  if (written) return json({ path: written.path });
  throw new SandboxError("invalid_request", "The form holds no file.");
}

/** `files[0].path` says where `files[0].file` goes, and comes before it. */
async function* namedFiles(call: ToolboxCall): AsyncGenerator<FileToWrite, void, void> {
  const isFile = (name: string) => /^files\[\d+\]\.file$/.test(name);
  for await (const { name, fields, content } of form(call, isFile)) {
    const path = fields.get(name.replace(/file$/, "path"));
    const checked = FilePath.safeParse(path);
    if (!checked.success) {
      throw new SandboxError(
        "invalid_request",
        `\`${name}\`: the field that says its path must come before it, and be a path.`,
      );
    }
    yield { path: checked.data, content };
  }
}

async function* oneFile(call: ToolboxCall, path: string): AsyncGenerator<FileToWrite, void, void> {
  if (!mediaType(call.request)?.startsWith("multipart/")) {
    // A signed link is also used by programs that just put the bytes there.
    yield { path, content: bodyOf(call.request) };
    return;
  }
  for await (const { content } of form(call, (name) => name === "file")) {
    yield { path, content };
    return;
  }
}

function form(call: ToolboxCall, isFile: (name: string) => boolean) {
  const contentType = call.request.headers.get("content-type") ?? "";
  return readForm(bodyOf(call.request), { contentType, isFile });
}

/** One part per file: its content, or why there is none. */
async function* parts(
  { engine, log, clock }: DaytonaContext,
  { session, request, url }: ToolboxCall,
  { paths, boundary }: { paths: string[]; boundary: string },
): AsyncGenerator<Uint8Array, void, void> {
  const encoder = new TextEncoder();
  const opened = readAhead(paths, (path) => engine.files.read(session.id, { path }, request));
  for await (const { item: path, result } of opened) {
    const head = (name: string, type: string, length: number) =>
      encoder.encode(
        `--${boundary}\r\ncontent-disposition: form-data; name="${name}"; ${fileName(path)}\r\n` +
          `content-type: ${type}\r\ncontent-length: ${length}\r\n\r\n`,
      );
    if (result.status === "rejected") {
      request.signal.throwIfAborted();
      const place = { method: request.method, path: url.pathname, now: clock.now() };
      const fault = wireError(result.reason, { ...place, source: "DAYTONA_DAEMON", log });
      const body = encoder.encode(JSON.stringify(fault));
      yield head("error", "application/json", body.length);
      yield body;
      yield encoder.encode("\r\n");
      continue;
    }
    const { size, content } = result.value;
    try {
      yield head("file", "application/octet-stream", size);
      for await (const chunk of content) yield chunk as Uint8Array;
      yield encoder.encode("\r\n");
    } finally {
      // The reader may leave before the first byte, and the file be open still.
      content.destroy();
    }
  }
  yield encoder.encode(`--${boundary}--\r\n`);
}

// Opening is most of what a small file costs.
const AHEAD = 8;

/** What comes of each item, in order, some begun before those before them are done. What nobody takes is ended. */
async function* readAhead<Item>(
  items: readonly Item[],
  open: (item: Item) => Promise<{ size: number; content: Readable }>,
) {
  const begin = async (item: Item) => {
    const [result] = await Promise.allSettled([open(item)]);
    return { item, result };
  };
  const begun: ReturnType<typeof begin>[] = [];
  try {
    for (const [index, item] of items.entries()) {
      while (begun.length < AHEAD && index + begun.length < items.length) {
        begun.push(begin(items[index + begun.length] ?? item));
      }
      const next = begun.shift();
      if (next) yield await next;
    }
  } finally {
    for (const { result } of await Promise.all(begun)) {
      if (result.status === "fulfilled") result.value.content.destroy();
    }
  }
}

/** As forms write names; the vendor's clients read what is not ASCII only when it says of itself that it is UTF-8. */
function fileName(path: string): string {
  // Quotes, backslashes and line ends would end the name.
  const escaped = path.replace(/["\\]/g, "\\$&").replace(/[\r\n]/g, encodeURIComponent);
  const plain = `filename="${escaped}"`;
  return /^[\x20-\x7e]*$/.test(path)
    ? plain
    : `${plain}; filename*=UTF-8''${encodeURIComponent(path).replaceAll("'", "%27")}`;
}

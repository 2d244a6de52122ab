import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { FileMetadata } from "../../../contract/file.ts";
import { SandboxError } from "../../../contract/errors.ts";
import type { Engine } from "../../../engine/engine.ts";
import type { FileToWrite } from "../../../engine/file-words.ts";
import { mediaType } from "../../../engine/face-request.ts";
import { type FilePart, readForm } from "../../../engine/multipart-form.ts";
import { bodyOf } from "../../../engine/request-body.ts";
import { refuseWith } from "./file-answers.ts";
import type { SandboxFiles } from "./sandbox-files.ts";

interface UploadOptions {
  engine: Engine;
  files: SandboxFiles;
  /** As the URL names it; undefined when only the form does. */
  path: string | undefined;
}

/** A file that was written, as the vendor's clients see it. */
interface WrittenFile {
  name: string;
  type: "file";
  path: string;
  metadata?: FileMetadata;
}

/** `POST /files`: one file as it is, or any number of them in a form; streamed, each whole or not at all. */
export async function upload(request: Request, options: UploadOptions): Promise<Response> {
  const type = mediaType(request) || "none";
  const isForm = type.startsWith("multipart/");
  if (!isForm && type !== "application/octet-stream") {
    return refuseWith(
      400,
      `unsupported content type: ${type}, expected multipart/form-data or application/octet-stream`,
    );
  }
  if (!isForm && options.path === undefined) {
    return refuseWith(400, "path query parameter is required for raw body upload");
  }
  const contentType = request.headers.get("content-type") ?? "";
  const metadata = readMetadata(request.headers);
  const body = readBody(request);
  const entries = isForm
    ? formEntries(readForm(body, { contentType, isFile }), { ...options, metadata })
    : rawEntry(body, { ...options, metadata });
  const { engine, files } = options;
  const { sessionId, sudo } = files;
  const written = await engine.files.write(sessionId, entries, { sudo, signal: request.signal });
  return Response.json(written.map(({ name, path }) => present({ name, path, metadata })));
}

function present({ name, path, metadata }: Omit<WrittenFile, "type">): WrittenFile {
  const hasSome = metadata !== undefined && Object.keys(metadata).length > 0;
  return { name, type: "file", path, ...(hasSome && { metadata }) };
}

/** The vendor's clients also send a file as a plain field, without a file's name, when the URL has its path. */
function isFile(field: string): boolean {
  return field === "file";
}

async function* rawEntry(
  content: Readable,
  { files, path = "", metadata }: UploadOptions & { metadata: FileMetadata },
): AsyncGenerator<FileToWrite, void, void> {
  yield { path: files.resolve(path), content, owner: files.owner, metadata };
}

async function* formEntries(
  parts: AsyncGenerator<FilePart, void, void>,
  { files, path: given, metadata }: UploadOptions & { metadata: FileMetadata },
): AsyncGenerator<FileToWrite, void, void> {
  const seen = new Set<string>();
  for await (const { name: field, fileName, content } of parts) {
    if (!isFile(field)) {
      content.resume();
      continue;
    }
    const name = given ?? fileName;
    if (name === undefined) {
      throw new SandboxError(
        "invalid_request",
        "A part of the form has no file name, and the URL no path: nobody knows where it belongs.",
      );
    }
    const path = files.resolve(name);
    if (seen.has(path)) {
      throw new SandboxError(
        "invalid_request",
        `you cannot upload multiple files to the same path '${path}' in one upload request, only the first specified file was uploaded`,
      );
    }
    seen.add(path);
    yield { path, content, owner: files.owner, metadata };
  }
}

function readBody(request: Request): Readable {
  const plain = bodyOf(request);
  const encoding = request.headers.get("content-encoding")?.trim().toLowerCase() ?? "identity";
  if (encoding === "identity") return plain;
  if (encoding !== "gzip") {
    throw new SandboxError(
      "invalid_request",
      `A body is sent as it is, or as gzip; this one said ${JSON.stringify(encoding.slice(0, 40))}.`,
    );
  }
  return Readable.from(unpacked(plain), { objectMode: false });
}

async function* unpacked(packed: Readable): AsyncGenerator<Uint8Array, void, void> {
  // Whatever fails is told to whom reads what comes out; one that leaves ends both.
  const plain = pipeline(packed, createGunzip(), () => undefined);
  try {
    yield* plain as AsyncIterable<Uint8Array>;
  } catch (error) {
    if (!(error instanceof Error && "code" in error && String(error.code).startsWith("Z_"))) {
      throw error;
    }
    throw new SandboxError("invalid_request", "The body says that it is gzip, and is not.", {
      cause: error,
    });
  }
}

const METADATA_PREFIX = "x-metadata-";

/** Names of headers know no capitals. */
function readMetadata(headers: Headers): FileMetadata {
  const given: Record<string, string> = {};
  for (const [name, value] of headers) {
    if (name.startsWith(METADATA_PREFIX)) given[name.slice(METADATA_PREFIX.length)] = value;
  }
  const parsed = FileMetadata.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new SandboxError(
    "invalid_request",
    `The X-Metadata- headers: ${parsed.error.issues[0]?.message ?? "they are not valid"}.`,
    { cause: parsed.error },
  );
}

import * as z from "zod";
import { SandboxError } from "../contract/errors.ts";
import { Sandbox } from "../trigger-client/index.ts";
import { defineTool, type Tool } from "./define-tool.ts";
import { LIMITS, sandboxName } from "./tool-words.ts";

const encoding = z.enum(["utf8", "base64"]);

const write = defineTool({
  name: "write",
  title: "Write files into a sandbox",
  description:
    "Writes files, with the directories above them; a file that is there is replaced whole. Paths are absolute, or " +
    "relative to /vercel/sandbox. To change a part of a file, use `run` with sed or a patch.",
  input: z.strictObject({
    sandbox: sandboxName,
    files: z
      .array(
        z.strictObject({
          path: z.string().min(1),
          content: z.string(),
          encoding: encoding.default("utf8").describe("base64 for what is no text."),
          executable: z.boolean().default(false),
        }),
      )
      .min(1)
      .max(LIMITS.writeFiles),
  }),
  output: z.object({
    written: z.array(z.object({ path: z.string(), bytes: z.int() })),
  }),
  annotations: { destructiveHint: true, idempotentHint: true },
  async run({ sandbox: name, files }, { signal }) {
    const entries = files.map(({ path, content, encoding: as, executable }) => ({
      path,
      content: as === "base64" ? fromBase64(path, content) : Buffer.from(content),
      mode: executable ? 0o755 : 0o644,
    }));
    const sandbox = await Sandbox.get({ name, signal });
    await sandbox.writeFiles(entries, { signal });
    return { written: entries.map(({ path, content }) => ({ path, bytes: content.length })) };
  },
});

function fromBase64(path: string, text: string): Buffer {
  // Buffer's own decoder skips whatever is no base64.
  if (/^[A-Za-z0-9+/\s]*={0,2}\s*$/.test(text)) return Buffer.from(text, "base64");
  throw new SandboxError(
    "invalid_request",
    `The content for ${path} is said to be base64, but is not. Encode it, or leave encoding out for text.`,
  );
}

const read = defineTool({
  name: "read",
  title: "Read a file of a sandbox",
  description:
    `Gives a piece of a file: ${LIMITS.readBytes} bytes from its beginning, if not asked for more or for another ` +
    "part. While nextOffset is given, there is more: pass it as offset. What is no text comes as base64.",
  input: z.strictObject({
    sandbox: sandboxName,
    path: z.string().min(1).describe("Absolute, or relative to /vercel/sandbox."),
    offset: z.int().min(0).default(0).describe("How many bytes to skip."),
    maxBytes: z.int().min(4).max(LIMITS.readMaxBytes).default(LIMITS.readBytes),
  }),
  output: z.object({
    path: z.string(),
    content: z.string(),
    encoding,
    offset: z.int(),
    bytes: z.int().describe("How many bytes of the file the content is."),
    nextOffset: z.int().optional(),
  }),
  annotations: { readOnlyHint: true },
  async run({ sandbox: name, path, offset, maxBytes }, { signal }) {
    const sandbox = await Sandbox.get({ name, signal });
    const stream = await sandbox.readFile({ path }, { signal });
    if (!stream) {
      throw new SandboxError("file_not_found", `There is no file ${path} in ${name}.`);
    }
    // One byte more tells whether there is more.
    const found = await takeBytes(stream, { offset, count: maxBytes + 1 });
    const isMore = found.length > maxBytes;
    const piece = found.subarray(0, maxBytes);
    const text = asText(piece, isMore);
    const bytes = text?.bytes ?? piece.length;
    return {
      path,
      content: text?.content ?? piece.toString("base64"),
      encoding: text ? ("utf8" as const) : ("base64" as const),
      offset,
      bytes,
      ...(isMore && { nextOffset: offset + bytes }),
    };
  },
  text({ content, encoding: as, nextOffset, path }) {
    const notes = [
      ...(as === "base64" ? [`[${path} is no text: this is base64]`] : []),
      ...(nextOffset === undefined ? [] : [`[there is more: read on with offset ${nextOffset}]`]),
    ];
    return [content, ...notes].join("\n");
  },
});

async function takeBytes(
  stream: NodeJS.ReadableStream,
  { offset, count }: { offset: number; count: number },
): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let position = 0;
  // Leaving the loop ends the stream.
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Uint8Array);
    const from = Math.max(0, offset - position);
    pieces.push(bytes.subarray(from, Math.max(from, offset + count - position)));
    position += bytes.length;
    if (position >= offset + count) break;
  }
  return Buffer.concat(pieces);
}

/** The piece as text, without the beginning of a character whose rest is in the next piece; undefined when it is no text. */
function asText(piece: Buffer, isMore: boolean): { content: string; bytes: number } | undefined {
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  try {
    const content = decoder.decode(piece, { stream: isMore });
    return content.includes("\0") ? undefined : { content, bytes: Buffer.byteLength(content) };
  } catch {
    return undefined; // Bytes that are no UTF-8.
  }
}

/** Files, as far as they are not a command's business. */
export const FILE_TOOLS: readonly Tool[] = [write, read];

import { SandboxError } from "../contract/errors.ts";

/** The bytes as text, in an encoding that `TextDecoder` knows. Throws `unsupported` for another one. */
export function toText(bytes: Uint8Array, encoding = "utf-8"): string {
  try {
    // A mark at the beginning belongs to the file.
    return new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw unknownEncoding(encoding, error);
  }
}

/** The text as bytes, in an encoding that `Buffer` knows. Throws `unsupported` for another one. */
export function toBytes(text: string, encoding = "utf-8"): Uint8Array {
  if (!Buffer.isEncoding(encoding)) throw unknownEncoding(encoding);
  return Buffer.from(text, encoding);
}

/** The lines from the first to the last, both counted from 1 and given; each keeps its end. */
export function lines(
  text: string,
  { startLine = 1, endLine }: { startLine?: number | undefined; endLine?: number | undefined },
): string {
  if (startLine <= 1 && endLine === undefined) return text;
  return (text.match(/[^\n]*\n|[^\n]+$/g) ?? [])
    .slice(Math.max(0, startLine - 1), endLine)
    .join("");
}

function unknownEncoding(encoding: string, cause?: unknown): SandboxError {
  return new SandboxError(
    "unsupported",
    `The encoding ${JSON.stringify(encoding)} was asked for, which is not known here. Use utf-8, or read and write bytes.`,
    { cause },
  );
}

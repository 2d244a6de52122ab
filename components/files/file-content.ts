/** What a file holds, as far as it can be shown. */
export type FileContent =
  | { kind: "text"; text: string }
  | { kind: "image"; type: string }
  | { kind: "binary"; sizeBytes: number }
  | { kind: "large"; sizeBytes: number };

// An editor with more than this takes seconds for each key.
const LARGEST_TEXT_BYTES = 2 * 1024 * 1024;

const IMAGES: ReadonlyMap<string, string> = new Map([
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["gif", "image/gif"],
  ["webp", "image/webp"],
  ["avif", "image/avif"],
  ["ico", "image/x-icon"],
]);

/** Tells what the bytes of a file are, by its name and by what is in it. An empty file is text. */
export function readContent(path: string, bytes: Uint8Array<ArrayBuffer>): FileContent {
  const type = IMAGES.get(path.slice(path.lastIndexOf(".") + 1).toLowerCase());
  if (type) return { kind: "image", type };
  if (bytes.length > LARGEST_TEXT_BYTES) return { kind: "large", sizeBytes: bytes.length };
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes("\0")) return { kind: "text", text };
  } catch {
    // Not UTF-8, so no text that can be edited without harm.
  }
  return { kind: "binary", sizeBytes: bytes.length };
}

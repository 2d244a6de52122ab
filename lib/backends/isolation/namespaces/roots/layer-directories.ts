import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { extract, type Header } from "tar-stream";

/** How a tar says that a directory hides what lies below it in an overlay. */
export const OPAQUE = "SCHILY.xattr.user.overlay.opaque";
/** The kernel's other notes on a directory, which hold for the place that they were made in. */
const NOTES = "SCHILY.xattr.user.overlay.";

/** With what the package's own types leave open. */
type DirectoryHeader = Header & { pax: Record<string, string> };

/** What lies in a layer, and what its directories are like. */
export interface LayerDirectories {
  readonly directory: string;
  /** The names in a directory; none when there is no such directory. */
  entries(path: string): readonly string[];
  has(path: string): boolean;
  isDirectory(path: string): boolean;
  isOpaque(path: string): boolean;
  header(path: string): DirectoryHeader;
}

/** Paths are relative to the layer, "" being itself. Node reads no attributes of files, but tar(1) does. */
export async function readLayer(directory: string): Promise<LayerDirectories> {
  const names = new Map<string, string[]>();
  const others = new Set<string>();
  const visit = (path: string) => {
    const entries = readdirSync(join(directory, path), { withFileTypes: true });
    names.set(
      path,
      entries.map(({ name }) => name),
    );
    for (const entry of entries) {
      const child = join(path, entry.name);
      if (entry.isDirectory()) visit(child);
      else others.add(child);
    }
  };
  visit("");
  const headers = await readHeaders(directory, [...names.keys()]);
  return {
    directory,
    entries: (path) => names.get(path) ?? [],
    has: (path) => names.has(path) || others.has(path),
    isDirectory: (path) => names.has(path),
    isOpaque: (path) => headers.get(path)?.pax[OPAQUE] !== undefined,
    header(path) {
      const header = headers.get(path);
      if (!header) throw new Error(`tar told nothing of ${path} in ${directory}`);
      return { ...header, pax: portable(header.pax) };
    },
  };
}

async function readHeaders(
  directory: string,
  paths: readonly string[],
): Promise<Map<string, DirectoryHeader>> {
  const options = ["--xattrs", "--xattrs-include=user.*", "--numeric-owner", "--format=pax"];
  const list = ["--no-recursion", "--null", "--files-from=-"];
  const tar = spawn("tar", ["-c", "-f", "-", ...options, "-C", directory, ...list], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const headers = new Map<string, DirectoryHeader>();
  const entries = extract();
  entries.on("entry", (header, content, next) => {
    // As it was asked for, whatever tar makes of slashes at the end.
    headers.set(header.name.replace(/^\.\//, "").replace(/\/$/, ""), {
      ...header,
      pax: (header.pax ?? {}) as DirectoryHeader["pax"],
    });
    content.resume();
    next();
  });
  const asked = paths.map((path) => `./${path}\0`).join("");
  tar.stdin.end(asked);
  const [complaint, [code]] = await Promise.all([
    text(tar.stderr),
    once(tar, "exit") as Promise<[number | null]>,
    pipeline(tar.stdout, entries),
  ]);
  if (code !== 0) throw new Error(`tar could not read what directories are like: ${complaint}`);
  return headers;
}

/** What does not fit into the fields of a header: a fraction, or ids as large as a sandbox's. */
const IN_FULL = new Set(["mtime", "uid", "gid"]);

/** Without what tar-stream writes itself, what only the kernel can say, and what is no text. */
function portable(pax: Record<string, string>): Record<string, string> {
  const kept = Object.entries(pax).filter(
    ([key, value]) =>
      key === OPAQUE ||
      IN_FULL.has(key) ||
      (key.startsWith("SCHILY.xattr.") && !key.startsWith(NOTES) && !value.includes("\u{FFFD}")),
  );
  return Object.fromEntries(kept);
}

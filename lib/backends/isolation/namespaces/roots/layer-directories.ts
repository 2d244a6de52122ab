import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";

/** How a tar says that a directory hides what lies below it in an overlay. */
export const OPAQUE = "SCHILY.xattr.user.overlay.opaque";
/** The kernel's other notes on a directory, which hold for the place that they were made in. */
const NOTES = "SCHILY.xattr.user.overlay.";

/** What a directory is like, the values by the names that pax(1) has for them. */
interface Attributes {
  mode: number;
  values: Record<string, string>;
}

/** What lies in a layer, and what its directories are like. Paths hold a character for each byte (latin1). */
export interface LayerDirectories {
  /** Its own path, as text. */
  readonly directory: string;
  /** The names in a directory; none when there is no such directory. */
  entries(path: string): readonly string[];
  has(path: string): boolean;
  isDirectory(path: string): boolean;
  isOpaque(path: string): boolean;
  attributes(path: string): Attributes;
}

/** For the system, whose names are bytes: what a program in a sandbox makes need not be text. */
export function bytePath(directory: string, path: string): Buffer {
  return Buffer.concat([Buffer.from(`${directory}/`), Buffer.from(path, "latin1")]);
}

/** Paths are relative to the layer, "" being itself. Node reads no attributes of files, but tar(1) does. */
export async function readLayer(directory: string): Promise<LayerDirectories> {
  const names = new Map<string, string[]>();
  const others = new Set<string>();
  const visit = (path: string) => {
    const options = { withFileTypes: true, encoding: "buffer" } as const;
    const own: string[] = [];
    names.set(path, own);
    for (const entry of readdirSync(bytePath(directory, path), options)) {
      const name = entry.name.toString("latin1");
      own.push(name);
      const child = join(path, name);
      if (entry.isDirectory()) visit(child);
      else others.add(child);
    }
  };
  visit("");
  const found = await readAttributes(directory, [...names.keys()]);
  return {
    directory,
    entries: (path) => names.get(path) ?? [],
    has: (path) => names.has(path) || others.has(path),
    isDirectory: (path) => names.has(path),
    isOpaque: (path) => found.get(path)?.values[OPAQUE] !== undefined,
    attributes(path) {
      const { mode, values } = found.get(path)!; // Of every directory something was told.
      return { mode, values: portable(values) };
    },
  };
}

async function readAttributes(
  directory: string,
  paths: readonly string[],
): Promise<Map<string, Attributes>> {
  const options = ["--xattrs", "--xattrs-include=user.*", "--numeric-owner", "--format=pax"];
  const list = ["--no-recursion", "--null", "--files-from=-"];
  const tar = spawn("tar", ["-c", "-f", "-", ...options, "-C", directory, ...list], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const found = new Map<string, Attributes>();
  const entries = extract();
  let next = 0;
  entries.on("entry", (header, content, goOn) => {
    // They come as they were asked for; names that are no text would not be found again.
    const path = paths[next++] ?? "";
    const { uid, gid, mode, mtime } = header;
    const inHeader = { uid, gid, mtime: mtime && mtime.getTime() / 1_000 };
    found.set(path, {
      mode: mode ?? 0,
      values: {
        ...Object.fromEntries(
          Object.entries(inHeader).map(([key, value]) => [key, `${value ?? 0}`]),
        ),
        ...(header.pax as Record<string, string> | null),
      },
    });
    content.resume();
    goOn();
  });
  tar.stdin.end(Buffer.from(paths.map((path) => `./${path}\0`).join(""), "latin1"));
  const [complaint, [code]] = await Promise.all([
    text(tar.stderr),
    once(tar, "exit") as Promise<[number | null]>,
    pipeline(tar.stdout, entries),
  ]);
  if (code !== 0 || next !== paths.length)
    throw new Error(`tar could not read what directories are like: ${complaint}`);
  return found;
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

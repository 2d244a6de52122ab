// The program that `merge-layers.ts` runs: makes one layer of several, in a new directory. Files are linked, not
// copied: nobody writes to a layer. Arguments: the directory to make, and the layers, the topmost first.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { linkSync, mkdirSync } from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { setImmediate } from "node:timers/promises";
import { endWithChannel } from "../../end-with-channel.ts";
import { archivedDirectory, END_OF_ARCHIVE } from "./directory-archive.ts";
import { bytePath, type LayerDirectories, OPAQUE, readLayer } from "./layer-directories.ts";

/** What somebody waits for goes first. */
const NICENESS = 10;
/** Links that are made before it is looked whether anybody still wants them. */
const LINKS_AT_ONCE = 256;

endWithChannel(1);
setPriority(NICENESS);

const [target = "", ...directories] = process.argv.slice(2);
const layers: LayerDirectories[] = [];
for (const directory of directories) layers.push(await readLayer(directory));
/** The directories of the new layer: whose attributes they get, and whether they hide what is below. */
const made = new Map<string, { from: LayerDirectories; opaque: boolean }>();
let links = 0;

await merge("", layers);
await setAttributes();
process.exit(0);

/** Makes a directory of what the layers hold of it, which all have it and do not hide each other's. */
async function merge(path: string, contributors: readonly LayerDirectories[], hides = false) {
  mkdirSync(bytePath(target, path));
  made.set(path, { from: contributors[0]!, opaque: hides });
  const names = new Set(contributors.flatMap((layer) => layer.entries(path)));
  for (const name of names) {
    const child = join(path, name);
    const holders = contributors.filter((layer) => layer.has(child));
    if (!holders[0]?.isDirectory(child)) {
      linkSync(bytePath(holders[0]!.directory, child), bytePath(target, child));
      if (++links % LINKS_AT_ONCE === 0) await setImmediate();
      continue;
    }
    const { seen, cut } = merged(child, holders);
    await merge(child, seen, cut);
  }
}

/** Those of a directory's layers that are seen through, and whether something lower is hidden. */
function merged(path: string, holders: readonly LayerDirectories[]) {
  const seen: LayerDirectories[] = [];
  for (const layer of holders) {
    // A file, or the mark of what was deleted, hides what is below it.
    if (!layer.isDirectory(path)) return { seen, cut: true };
    seen.push(layer);
    if (layer.isOpaque(path)) return { seen, cut: true };
  }
  return { seen, cut: false };
}

/** Owners, modes, times and attributes of directories; at last, since each link in them changes them. */
async function setAttributes(): Promise<void> {
  const options = ["--xattrs", "--xattrs-include=user.*", "--same-owner", "--numeric-owner"];
  const tar = spawn("tar", ["-x", "-p", ...options, "-C", target, "-f", "-"], {
    stdio: ["pipe", "ignore", "pipe"],
  });
  const [complaint, [code]] = await Promise.all([
    text(tar.stderr),
    once(tar, "exit") as Promise<[number | null]>,
    pipeline(archive(), tar.stdin),
  ]);
  if (code !== 0) throw new Error(`tar could not set what directories are like: ${complaint}`);
}

function* archive(): Generator<Buffer> {
  for (const [path, { from, opaque }] of made) {
    const { mode, values } = from.attributes(path);
    yield archivedDirectory({
      path: Buffer.from(`./${path}`, "latin1"),
      mode,
      values: { ...values, ...(opaque && { [OPAQUE]: "y" }) },
    });
  }
  yield END_OF_ARCHIVE;
}

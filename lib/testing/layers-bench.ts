import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Layers } from "../backends/isolation/namespaces/roots/layers.ts";
import { StateFolders, writeRecord } from "../backends/isolation/state-folders.ts";

export interface OpenLayers {
  folders: StateFolders;
  layers: Layers;
}

/** Layers in a folder, as an engine opens them: what an earlier one left half made is gone. */
export async function openLayers(directory: string): Promise<OpenLayers> {
  const folders = new StateFolders(directory);
  await folders.make({ mode: 0o755 });
  const layers = await Layers.open(folders);
  await folders.clearTemporary();
  layers.compact();
  return { folders, layers };
}

/** A root without a session, on a snapshot or on nothing, which writes a file with its own name. Gives its layers. */
export async function makeRoot(
  { folders, layers }: OpenLayers,
  { folder, on }: { folder: string; on?: string | undefined },
): Promise<string[]> {
  const stack = on === undefined ? [] : await layers.holdStackOf(on, folder);
  const upper = join(folders.root(folder), "upper", "root");
  await mkdir(upper, { recursive: true });
  await writeFile(join(upper, folder), folder);
  await writeRecord(join(folders.root(folder), "root.json"), { sessionId: folder, layers: stack });
  return stack;
}

/** The names of all files that are seen on a stack of layers. */
export async function seenOn(folders: StateFolders, stack: readonly string[]): Promise<string[]> {
  const names = await Promise.all(
    stack.map((id) => readdir(join(folders.snapshot(id), "upper", "root"))),
  );
  return names.flat().toSorted();
}

/** `prefix1`, `prefix2` and so on, in the order of text. */
export function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`).toSorted();
}

import { mkdir, readdir, rename, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { randomText } from "../../../../std/ids.ts";
import { removeTree } from "../../file-tree.ts";
import { systemCode } from "../../process-faults.ts";

/** A session lives for a day at most: nobody uses what was last taken longer ago than that. */
const UNUSED_AFTER_MS = 3 * 24 * 60 * 60 * 1_000;
/** Its time says when the layer was last taken. */
const USED = "used";

export interface CachedLayerOptions {
  /** Shared by all engines of the user's; made if it is missing. */
  cacheDirectory: string;
  /** What kind of layer it is, and whatever tells it from others of the kind. */
  kind: string;
  key: string;
  /** Fills the directory, which does not exist yet. */
  make: (directory: string) => Promise<void>;
}

/** Finds a layer in the cache or makes it, and gives its directory. Whoever is late takes what another has made. */
export async function cachedLayer(options: CachedLayerOptions): Promise<string> {
  const { cacheDirectory, kind, key, make } = options;
  // Sandboxes' own roots, which are other users of this machine, are led through it.
  await mkdir(cacheDirectory, { recursive: true, mode: 0o755 });
  const directory = join(cacheDirectory, `${kind}-${key}`);
  if (await touch(directory)) return directory;
  const making = join(cacheDirectory, `making-${randomText(12)}`);
  try {
    await make(making);
    await writeFile(join(making, USED), "");
    await place(making, directory);
  } finally {
    await removeTree(making);
  }
  await clearOld(cacheDirectory, directory);
  return directory;
}

/** Notes that it is used; false when it is not there. */
async function touch(directory: string): Promise<boolean> {
  try {
    const now = new Date();
    await utimes(join(directory, USED), now, now);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
}

async function place(made: string, directory: string): Promise<void> {
  try {
    await rename(made, directory);
  } catch (error) {
    // Another engine was quicker; its layer is as good.
    if (!["ENOTEMPTY", "EEXIST"].includes(systemCode(error) ?? "")) throw error;
  }
}

async function clearOld(cacheDirectory: string, current: string): Promise<void> {
  for (const name of await readdir(cacheDirectory)) {
    const directory = join(cacheDirectory, name);
    if (directory === current || !/^(?:system|node|making)-/.test(name)) continue;
    const used = await stat(join(directory, USED)).catch(() => stat(directory));
    if (Date.now() - used.mtimeMs > UNUSED_AFTER_MS) await removeTree(directory);
  }
}

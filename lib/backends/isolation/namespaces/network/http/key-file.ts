import { link, mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { newId } from "../../../../../std/ids.ts";

/**
 * The text of a file that only this user can read. It is made if it is not there; of two who make it at the
 * same time both get the one that was first.
 */
export async function keyFile(path: string, make: () => Promise<string>): Promise<string> {
  const found = await tryRead(path);
  if (found !== undefined) return found;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = `${path}.${newId("new")}`;
  try {
    const file = await open(fresh, "wx", 0o600);
    try {
      await file.writeFile(await make());
      await file.sync();
    } finally {
      await file.close();
    }
    await link(fresh, path);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  } finally {
    await rm(fresh, { force: true });
  }
  return readFile(path, "utf8");
}

async function tryRead(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

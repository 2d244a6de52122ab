import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Exit } from "../ports.ts";

/** How and when a command ended, by what was recorded beside its output; undefined when nothing was, yet. */
export async function readExit(
  directory: string,
): Promise<{ exit: Exit; endedAt: number } | undefined> {
  const file = join(directory, "exit");
  const text = await readFile(file, "utf8").catch(() => ""); // Absent: nobody recorded it.
  const exitCode = /^(\d+)\n$/.exec(text)?.[1];
  if (exitCode === undefined) return undefined;
  const { mtimeMs } = await stat(file);
  return { exit: { exitCode: Number(exitCode) }, endedAt: mtimeMs };
}

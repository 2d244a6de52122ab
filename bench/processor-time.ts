import { readFile } from "node:fs/promises";

// What /proc/<pid>/stat counts processor time in, on every Linux that Node runs on.
const TICKS_PER_SECOND = 100;

/** The processor time that a process has taken so far, in itself and in the kernel. */
export async function processorMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name in brackets may hold anything; utime and stime are the 14th and 15th field.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return ((Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND) * 1_000;
}

import { readProcess } from "../backends/isolation/process-table.ts";

/** Whether the process runs; a zombie that nobody has waited for does not. */
export function isRunning(pid: number): boolean {
  return readProcess(pid) !== undefined;
}

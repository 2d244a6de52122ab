import { readdirSync, readFileSync } from "node:fs";

/**
 * Processes of this machine that have the text in their command line or environment. Those in sandboxes are seen from
 * outside; one that has ended and that nobody has waited for has neither.
 */
export function processesNaming(text: string): { pid: number; commandLine: string }[] {
  return readdirSync("/proc")
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .map((pid) => ({
      pid: Number(pid),
      commandLine: textOf(`/proc/${pid}/cmdline`).replaceAll("\0", " "),
      environment: textOf(`/proc/${pid}/environ`),
    }))
    .filter(({ commandLine, environment }) => `${commandLine}\0${environment}`.includes(text))
    .map(({ pid, commandLine }) => ({ pid, commandLine }));
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // The process ended meanwhile.
    return "";
  }
}

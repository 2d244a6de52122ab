import { execFile } from "node:child_process";

/** What a program said, and whether it ended well. */
export interface ProgramAnswer {
  ok: boolean;
  stdout: string;
  stderr: string;
  /** Whether there is such a program at all. */
  found: boolean;
}

/** Long enough for a machine under load; a program that hangs is one that cannot be used. */
const LIMIT_MS = 10_000;

/** Where system programs are, also for a caller whose PATH leaves out those of the administrator. */
export const PROGRAM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Runs a program of the host's to its end. Never rejects. */
export function runProgram(
  command: readonly string[],
  { cwd = "/", env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<ProgramAnswer> {
  const [program = "", ...args] = command;
  const options = {
    cwd,
    env: { PATH: PROGRAM_PATH, LC_ALL: "C", ...env },
    timeout: LIMIT_MS,
    killSignal: "SIGKILL" as const,
  };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      const found = !(error && "code" in error && error.code === "ENOENT");
      const silent = error && stderr.trim() === "" ? error.message : stderr.trim();
      resolve({ ok: !error, stdout: stdout.trim(), stderr: silent, found });
    });
  });
}

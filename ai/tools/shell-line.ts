// Models and people write for bash; small systems have only sh.
const IN_SHELL = 'if command -v bash >/dev/null; then exec bash -c "$1"; else exec sh -c "$1"; fi';

/** The program that runs a line of shell. */
export function shellLine(line: string): { cmd: string; args: string[] } {
  return { cmd: "sh", args: ["-c", IN_SHELL, "sh", line] };
}

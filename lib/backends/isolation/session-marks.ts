import { createHash } from "node:crypto";
import { readProcFile } from "./process-table.ts";

/** Which processes are meant: those of a session, or of one of its commands. */
export interface MarkedBy {
  sessionId: string;
  commandId?: string;
}

export const SESSION_VARIABLE = "SANDLOT_SESSION";
export const COMMAND_VARIABLE = "SANDLOT_COMMAND";

/**
 * Two numbers that mark a process and whatever comes from it. They are set as
 * soft (command) and hard (session) limit of file locks, a limit that Linux has
 * not looked at since 2.4.25 but hands down through fork, exec and setsid.
 * Unlike a variable it survives `env -i`. The session's is above every command's,
 * since a soft limit cannot exceed the hard one.
 */
export function limitMarks({ sessionId, commandId = "" }: MarkedBy): {
  session: number;
  command: number;
} {
  return {
    session: 2 ** 41 + hashed(sessionId),
    command: 1 + hashed(`${sessionId} ${commandId}`),
  };
}

// 40 bits: two commands of one session meet by chance once in a million sessions of a thousand commands.
function hashed(text: string): number {
  return createHash("sha256").update(text).digest().readUIntBE(0, 5);
}

/**
 * Whether the process bears the marks, by its limits or by the variables it was started with; undefined when it is
 * gone. Linux only.
 */
export function bearsMarks(pid: number, by: MarkedBy): boolean | undefined {
  const limits = readProcFile(pid, "limits")?.toString("latin1");
  if (limits === undefined) return undefined;
  return showMarks(limits, by) || bearsVariables(pid, by);
}

function showMarks(limits: string, by: MarkedBy): boolean {
  const line = /^Max file locks +(\d+) +(\d+) /m.exec(limits);
  if (!line) return false;
  const marks = limitMarks(by);
  if (Number(line[2]) !== marks.session) return false;
  return by.commandId === undefined || Number(line[1]) === marks.command;
}

function bearsVariables(pid: number, { sessionId, commandId }: MarkedBy): boolean {
  const variables = readProcFile(pid, "environ");
  if (!variables) return false;
  if (!holdsEntry(variables, `${SESSION_VARIABLE}=${sessionId}`)) return false;
  return commandId === undefined || holdsEntry(variables, `${COMMAND_VARIABLE}=${commandId}`);
}

// Entries end with a NUL; the first has nothing before it.
function holdsEntry(variables: Buffer, entry: string): boolean {
  const wanted = Buffer.from(`${entry}\0`);
  for (let at = variables.indexOf(wanted); at >= 0; at = variables.indexOf(wanted, at + 1)) {
    if (at === 0 || variables[at - 1] === 0) return true;
  }
  return false;
}

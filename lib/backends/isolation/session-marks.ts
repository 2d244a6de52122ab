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

/** What is looked for in a process. */
export interface SoughtMarks {
  sessionLimit: number;
  /** Absent where any of the session's commands is meant. */
  commandLimit?: number;
  /** Of its variables, as they stand in `/proc/<pid>/environ`. */
  entries: readonly Buffer[];
}

/** Worked out once for all processes of the machine: a hash takes as long as a look into one of them. */
export function soughtMarks(by: MarkedBy): SoughtMarks {
  const { session, command } = limitMarks(by);
  const entry = (name: string, value: string) => Buffer.from(`${name}=${value}\0`);
  const ofSession = entry(SESSION_VARIABLE, by.sessionId);
  if (by.commandId === undefined) return { sessionLimit: session, entries: [ofSession] };
  const entries = [ofSession, entry(COMMAND_VARIABLE, by.commandId)];
  return { sessionLimit: session, commandLimit: command, entries };
}

/**
 * Whether the process bears the marks, by its limits or by the variables it was started with; undefined when it is
 * gone. Linux only.
 */
export function bearsMarks(pid: number, marks: SoughtMarks): boolean | undefined {
  const limits = readProcFile(pid, "limits")?.toString("latin1");
  if (limits === undefined) return undefined;
  return showMarks(limits, marks) || bearsVariables(pid, marks);
}

function showMarks(limits: string, { sessionLimit, commandLimit }: SoughtMarks): boolean {
  const line = /^Max file locks +(\d+) +(\d+) /m.exec(limits);
  if (!line || Number(line[2]) !== sessionLimit) return false;
  return commandLimit === undefined || Number(line[1]) === commandLimit;
}

function bearsVariables(pid: number, { entries }: SoughtMarks): boolean {
  const variables = readProcFile(pid, "environ");
  return variables !== undefined && entries.every((entry) => holdsEntry(variables, entry));
}

// Entries end with a NUL; the first has nothing before it.
function holdsEntry(variables: Buffer, wanted: Buffer): boolean {
  for (let at = variables.indexOf(wanted); at >= 0; at = variables.indexOf(wanted, at + 1)) {
    if (at === 0 || variables[at - 1] === 0) return true;
  }
  return false;
}

import {
  commandLimit,
  exportsOver,
  LONGEST_INSTRUCTION,
  quote,
  RECORDER_WORD,
  sessionLimit,
  shellVariables,
  TRAPS,
  withOddVariables,
} from "../../recorder-script.ts";

import { childrenOf, readProcFile } from "../../process-table.ts";
import type { WayToProgram } from "../../pseudo-terminal.ts";
import type { SessionLimits } from "../limits/limiter.ts";

// Two shells record a command of a session with namespaces. The outer one is the host's and outside:
// its working directory is the command's own, it opens the logs, waits, and writes down how it ended.
// The inner one is inside: it knows none of the host's paths, has the logs as descriptors 3 and 4,
// and runs the command as its child.

/** A command as the inner shell runs it: all paths are the sandbox's. */
export interface EnteredCommand {
  sessionId: string;
  commandId: string;
  cmd: string;
  args: string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
  stdin: boolean;
}

const RUN = '(cd -- "$_sandlot_cwd" && unset OLDPWD && exec "$@" 3>&- 4>&-) >&3 2>&4';
// RECORDER_WORD tells the shell from the command that it becomes.
const NOTE = `: ${RECORDER_WORD}`;

const WAITING =
  `${TRAPS}; ${NOTE}; _sandlot_newline='\n'; IFS= read -r _sandlot_line || exit 0; ` +
  `eval "$_sandlot_line"; ${RUN} </dev/null`;

const DIRECT = `${TRAPS}; ${NOTE}; eval "$1"; _sandlot_cwd=$2; shift 2; ${RUN}`;

export interface OuterOptions {
  sessionId: string;
  /** Host pid of the session's first process. */
  init: number;
  /** The file to which the processor time of the session's commands is appended. */
  times: string;
  limits: Pick<SessionLimits, "joinFiles" | "shellLimits">;
  /** What runs a program inside. */
  enter: readonly string[];
}

/**
 * `sh`'s arguments for an outer shell whose inner one waits on its stdin for one line of `instruction`. Both
 * have the variables that the outer one is started with.
 */
export function waitingArguments(options: OuterOptions): string[] {
  return outer(options, { stdin: "", words: ["/bin/sh", "-c", WAITING] });
}

/** The same for a command that is given at once. */
export function directArguments(options: OuterOptions, command: EnteredCommand): string[] {
  const { env, cwd, stdin } = command;
  const words = inner(env, [
    DIRECT,
    "sh",
    commandLimit(command),
    cwd,
    ...withOddVariables(command),
  ]);
  return outer(options, { stdin: stdin ? "<&3" : "</dev/null", words });
}

/** The line that makes a waiting shell, started with the variables `base`, run the command; undefined if it cannot. */
export function instruction(
  command: EnteredCommand,
  base: Readonly<Record<string, string>>,
): string | undefined {
  if (command.stdin) return undefined;
  const exports = exportsOver(command.env, base);
  if (!exports) return undefined;
  const line = [
    commandLimit(command),
    ...exports,
    `_sandlot_cwd=${quote(command.cwd)}`,
    `set -- ${withOddVariables(command).map(quote).join(" ")}`,
  ].join("; ");
  return line.length > LONGEST_INSTRUCTION ? undefined : `${line}\n`;
}

/** What a shell does first so that it and all that comes from it is the session's, and within its limits. */
export function bounded(
  sessionId: string,
  { joinFiles, shellLimits }: Pick<SessionLimits, "joinFiles" | "shellLimits">,
): string {
  const steps = [
    ...joinFiles.map((file) => `echo 0 >'${file}'`),
    shellLimits,
    sessionLimit(sessionId),
  ];
  return steps.filter((step) => step !== "").join("; ");
}

function inner(env: Readonly<Record<string, string>>, words: string[]): string[] {
  const variables = Object.entries(shellVariables(env)).map(([name, value]) => `${name}=${value}`);
  return ["/usr/bin/env", "-i", ...variables, "/bin/sh", "-c", ...words];
}

function outer(
  { sessionId, init, times, limits, enter }: OuterOptions,
  { stdin, words }: { stdin: string; words: string[] },
): string[] {
  const script = [
    TRAPS,
    // Some shells hand down where they are, which is a path of the host's.
    "unset PWD OLDPWD SHLVL",
    bounded(sessionId, limits),
    "_sandlot_times=$0",
    `"$@" ${stdin} 3>>stdout 4>>stderr >/dev/null 2>&1`,
    "_sandlot_code=$?",
    // It never got in: the session ended under its feet.
    `[ $_sandlot_code -ne 1 ] || [ -e /proc/${init}/ns ] || _sandlot_code=137`,
    'times >>"$_sandlot_times"',
    "echo $_sandlot_code >exit",
    "exit $_sandlot_code",
  ];
  return ["-c", script.join("; "), times, ...enter, ...words];
}

// script(1) makes a terminal that the sandbox has a name for, of a POSIX session that is all inside: the one
// outside belongs to a session of which the first processes cannot be seen from inside.
const ON_A_TERMINAL =
  'cd -- "$1" && unset OLDPWD || exit; shift; if command -v script >/dev/null; ' +
  'then SHELL=/bin/sh exec script -qefc "$1" /dev/null; fi; shift; exec "$@"';

/** What leads from the host to the program on a terminal, by what was started outside; and that, once it is there. */
export function wayToTerminal(outside: number): WayToProgram {
  const [inside] = childrenOf(outside);
  if (inside === undefined) return { way: [outside] };
  // First a shell looks whether there is a script(1), and then becomes that, or the program itself. In this order,
  // so that what it becomes between the two looks is not taken for what comes after.
  const line = readProcFile(inside, "cmdline")?.toString("latin1");
  if (!line || line.includes(ON_A_TERMINAL)) return { way: [outside, inside] };
  const name = readProcFile(inside, "comm")?.toString("latin1").trim();
  if (name !== "script") return { way: [outside], program: inside };
  return { way: [outside, inside], program: childrenOf(inside)[0] };
}

/** `sh`'s arguments for a program that bears the marks, has no recorder, and talks on a terminal. */
export function terminalArguments(options: OuterOptions, command: EnteredCommand): string[] {
  const { sessionId, limits, enter } = options;
  const script = [bounded(sessionId, limits), commandLimit(command), 'exec "$@"'];
  const words = withOddVariables(command);
  const { SHELL } = command.env;
  const line = [
    "_sandlot_newline='\n'",
    ...(SHELL === undefined ? ["unset SHELL"] : [`export SHELL=${quote(SHELL)}`]),
    `exec ${words.map(quote).join(" ")}`,
  ].join("; ");
  const variables = Object.entries(shellVariables(command.env)).map((pair) => pair.join("="));
  const inside = ["/bin/sh", "-c", ON_A_TERMINAL, "sh", command.cwd, line, ...words];
  return ["-c", script.join("; "), "sh", ...enter, "/usr/bin/env", "-i", ...variables, ...inside];
}

import { constants } from "node:os";
import { shellWord } from "../../std/shell-word.ts";
import { limitMarks, type MarkedBy } from "./session-marks.ts";

/** A command that is ready to run: every path is the host's, every variable is in. */
export interface RecordedCommand {
  sessionId: string;
  commandId: string;
  cmd: string;
  args: string[];
  env: Readonly<Record<string, string>>;
  cwd: string;
  stdin: boolean;
  /** Where `stdout`, `stderr` and `exit` go. */
  directory: string;
  /** The file to which the processor time of the session's commands is appended. */
  times: string;
}

// The recorder is a POSIX `sh` that runs the command as its child and does all else with built-ins.
// It must outlive signals that are meant for the command; a trap with a command, unlike an empty
// one, is not inherited. Errors of its own are worth nothing to anybody: its stderr is /dev/null.
const TRAPPED = ["HUP", "INT", "QUIT", "ALRM", "TERM", "USR1", "USR2"] as const;
export const TRAPS = `trap : ${TRAPPED.join(" ")}`;

/** Whether a recorder goes on when it gets the signal together with its command. */
export function outlives(signal: number): boolean {
  return TRAPPED.some((name) => constants.signals[`SIG${name}`] === signal);
}

// dash has -w for file locks, bash -x; where neither is known, the variables must do.
const limit = (which: "-S" | "", value: number) =>
  `{ ulimit ${which} -w ${value} || ulimit ${which} -x ${value}; } 2>/dev/null`;
// Without -S both: the hard limit cannot be set below the soft one.
/** Marks a shell and all that comes from it as the session's. */
export const sessionLimit = (sessionId: string) => limit("", limitMarks({ sessionId }).session);
/** The same for one command of a session whose mark is set. */
export const commandLimit = (command: MarkedBy) => limit("-S", limitMarks(command).command);

// `exec` in the parentheses takes PATH and no built-in, so that argv[0] is what the caller said.
// The exit code comes last: with its newline the matter is ended.
const RUN =
  '(cd -- "$_sandlot_cwd" && unset OLDPWD && exec "$@")' +
  ' >>"$_sandlot_out/stdout" 2>>"$_sandlot_out/stderr"';
const RECORD =
  '; _sandlot_code=$?; times >>"$_sandlot_times"; echo $_sandlot_code >"$_sandlot_out/exit"; exit $_sandlot_code';

/** Part of each recorder's own command line, until it has become the command. */
export const RECORDER_WORD = "_sandlot_out";

// `read` takes a socket byte by byte: four times this takes a millisecond.
export const LONGEST_INSTRUCTION = 4_096;

function prelude(sessionId: string): string {
  return `${TRAPS}; ${sessionLimit(sessionId)}; `;
}

/** The script of a recorder that waits on its stdin for one line of `instruction`; end of file ends it. */
export function waitingScript(sessionId: string): string {
  return (
    `${prelude(sessionId)}_sandlot_newline='\n'; IFS= read -r _sandlot_line || exit 0; ` +
    `eval "$_sandlot_line"; ${RUN} </dev/null${RECORD}`
  );
}

/** `sh`'s arguments for a recorder that is given its command at once. */
export function directArguments(command: RecordedCommand): string[] {
  const script =
    `${prelude(command.sessionId)}${commandLimit(command)}; ` +
    "_sandlot_times=$0 _sandlot_out=$1 _sandlot_cwd=$2; shift 2; " +
    `${RUN} ${command.stdin ? "<&3 3<&-" : "</dev/null"}${RECORD}`;
  const { times, directory, cwd } = command;
  return ["-c", script, times, directory, cwd, ...withOddVariables(command)];
}

/**
 * The line that turns a waiting recorder, started with the variables `base`, into
 * that of the command. Undefined when it has to be given at once instead.
 */
export function instruction(
  command: RecordedCommand,
  base: Readonly<Record<string, string>>,
): string | undefined {
  if (command.stdin) return undefined;
  const exports = exportsOver(command.env, base);
  if (!exports) return undefined;
  const line = [
    commandLimit(command),
    ...exports,
    `_sandlot_times=${quote(command.times)} _sandlot_out=${quote(command.directory)}`,
    `_sandlot_cwd=${quote(command.cwd)}`,
    `set -- ${withOddVariables(command).map(quote).join(" ")}`,
  ].join("; ");
  return line.length > LONGEST_INSTRUCTION ? undefined : `${line}\n`;
}

/** What a shell that has the variables `base` must do to have those of the command; undefined if it cannot. */
export function exportsOver(
  env: Readonly<Record<string, string>>,
  base: Readonly<Record<string, string>>,
): string[] | undefined {
  if (Object.keys(base).some((name) => env[name] === undefined)) return undefined;
  return Object.entries(env)
    .filter(([name, value]) => base[name] !== value && !isOdd(name))
    .map(([name, value]) => `export ${name}=${quote(value)}`);
}

/** `sh`'s arguments for a program that bears the marks and has no recorder. */
export function markedArguments(
  command: Pick<RecordedCommand, "sessionId" | "commandId" | "cmd" | "args" | "env">,
): string[] {
  const script = `${sessionLimit(command.sessionId)}; ${commandLimit(command)}; exec "$@"`;
  return ["-c", script, "sh", ...withOddVariables(command)];
}

// What a shell keeps for itself or refuses to set, and names that are none to a shell: those it drops.
const SHELL_OWN =
  /^(?:IFS|OPT(?:IND|ARG)|PPID|E?UID|GROUPS|(?:OLD)?PWD|LINENO|RANDOM|SECONDS|FUNCNAME|DIRSTACK|SHLVL|SHELLOPTS|BASH.*|_.*)$/;

function isOdd(name: string): boolean {
  return !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name) || SHELL_OWN.test(name);
}

/** What of the variables the shell itself is to be started with; the others would stop it or be lost. */
export function shellVariables(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !isOdd(name)));
}

/** The command's words; `env` before them sets what the shell would not. */
export function withOddVariables({
  cmd,
  args,
  env,
}: Pick<RecordedCommand, "cmd" | "args" | "env">): string[] {
  const odd = Object.entries(env).filter(([name]) => isOdd(name));
  if (odd.length === 0) return [cmd, ...args];
  return ["/usr/bin/env", ...odd.map(([name, value]) => `${name}=${value}`), cmd, ...args];
}

/** A word of the shell's language that stands for exactly this text; only with `_sandlot_newline` set. */
export function quote(text: string): string {
  return shellWord(text).replaceAll("\n", `'"$_sandlot_newline"'`);
}

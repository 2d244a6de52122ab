import { SandboxError } from "../contract/errors.ts";
import { closest } from "./closest.ts";
import type { CliCommand } from "./command-spec.ts";
import type { Console } from "./console.ts";
import { describeError } from "../trigger-client/describe-error.ts";
import { EXIT_CODES, exitCodeOf } from "./exit-codes.ts";
import { commandHelp, mainHelp } from "./help.ts";
import { parseArguments } from "./parse-arguments.ts";

interface RunOptions {
  console: Console;
  signal: AbortSignal;
  commands: CliCommand[];
  version: string;
}

/** Runs one command line and gives its exit code. Never rejects: what went wrong is said on stderr. */
export async function run(args: string[], options: RunOptions): Promise<number> {
  const { console, signal } = options;
  try {
    return await dispatch(args, options);
  } catch (error) {
    if (signal.aborted) return EXIT_CODES.interrupted.code;
    const label = console.paint("red", "error:", "note");
    console.note(`${label} ${describeError(error)}`);
    return exitCodeOf(error);
  }
}

async function dispatch(args: string[], options: RunOptions): Promise<number> {
  const { console, signal, commands, version } = options;
  const [first] = args;
  if (first === undefined || first === "--help" || first === "-h") {
    console.line(mainHelp(commands, version));
    return EXIT_CODES.ok.code;
  }
  if (first === "--version" || first === "-v") {
    console.line(version);
    return EXIT_CODES.ok.code;
  }
  const { command, rest } = findCommand(args, commands);
  if (wantsHelp(rest)) {
    console.line(commandHelp(command));
    return EXIT_CODES.ok.code;
  }
  return (await command.invoke(rest, { console, signal }, parseArguments)) ?? EXIT_CODES.ok.code;
}

/** The command named by the first word, or, as in `daemon start`, by the first two. `help x` is `x --help`. */
function findCommand(
  args: string[],
  commands: CliCommand[],
): { command: CliCommand; rest: string[] } {
  const [first = "", second = "", ...others] = args;
  if (first === "help") {
    const { command } = findCommand(args.slice(1), commands);
    return { command, rest: ["--help"] };
  }
  for (const [name, rest] of [
    [`${first} ${second}`, others],
    [first, args.slice(1)],
  ] as const) {
    const command = commands.find((each) => each.name === name);
    if (command) return { command, rest };
  }
  const inGroup = commands.filter(({ name }) => name.startsWith(`${first} `));
  if (inGroup.length > 0) {
    const names = inGroup.map(({ name, summary }) => `  sandlot ${name.padEnd(14)} ${summary}`);
    throw new SandboxError("invalid_request", `${first} what? There is:\n${names.join("\n")}`);
  }
  const near = closest(
    first,
    commands.map(({ name }) => name.split(" ")[0]!),
  );
  const hint = near ? ` Did you mean ${near}?` : "";
  throw new SandboxError(
    "invalid_request",
    `There is no command ${JSON.stringify(first)}.${hint}\nSee: sandlot --help`,
  );
}

function wantsHelp(args: string[]): boolean {
  const end = args.indexOf("--");
  const ours = end < 0 ? args : args.slice(0, end);
  return ours.includes("--help") || ours.includes("-h");
}

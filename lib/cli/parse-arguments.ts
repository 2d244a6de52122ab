import { parseArgs } from "node:util";
import { SandboxError } from "../contract/errors.ts";
import type { OptionTable, Parser, PositionalSpec } from "./command-spec.ts";
import { closest } from "./closest.ts";

/** Node's own `parseArgs`, strict, with messages that name the command's own help. */
export const parseArguments: Parser = (args, { options, positionals, command }) => {
  const parsed = (() => {
    try {
      return parseArgs({ args, options, allowPositionals: true, strict: true });
    } catch (cause) {
      throw usageError(command, explain(cause, args, options), cause);
    }
  })();
  checkPositionals(command, parsed.positionals, positionals);
  return { options: parsed.values, positionals: parsed.positionals };
};

/** How to call the command, on one line: `sandlot logs <sandbox> [command] [options]`. */
export function usageLine(name: string, positionals: PositionalSpec[]): string {
  const words = positionals.map(({ name: word, optional, many }) => {
    const shown = `${word}${many ? "..." : ""}`;
    return optional ? `[${shown}]` : `<${shown}>`;
  });
  return ["sandlot", name, ...words, "[options]"].join(" ");
}

function checkPositionals(command: string, given: string[], wanted: PositionalSpec[]): void {
  const missing = wanted.find(({ optional }, index) => !optional && given[index] === undefined);
  if (missing) throw usageError(command, `${missing.name} is missing: ${missing.about}.`);
  const surplus = wanted.at(-1)?.many ? undefined : given[wanted.length];
  if (surplus !== undefined) {
    throw usageError(command, `"${surplus}" is one argument too many.`);
  }
  const empty = given.findIndex((value) => value === "");
  if (empty >= 0) throw usageError(command, `Argument ${empty + 1} is empty.`);
}

function explain(cause: unknown, args: string[], options: OptionTable): string {
  const message = cause instanceof Error ? cause.message.split("\n")[0]! : String(cause);
  // Node's message names the option in quotes; the option as typed gives the better suggestion.
  const unknown = args.find((arg) => arg.startsWith("--") && !(nameOf(arg) in options));
  if (unknown === undefined) return message;
  const near = closest(nameOf(unknown), [...Object.keys(options), "help"]);
  return `There is no option ${unknown.split("=")[0]}.${near ? ` Did you mean --${near}?` : ""}`;
}

function nameOf(arg: string): string {
  return arg.slice(2).split("=")[0]!;
}

function usageError(command: string, problem: string, cause?: unknown): SandboxError {
  return new SandboxError("invalid_request", `${problem}\nSee: sandlot ${command} --help`, {
    cause,
  });
}

import type { parseArgs } from "node:util";
import type { Console } from "./console.ts";

/** An option of a command, as `parseArgs` takes it and as the help shows it. */
interface OptionSpec {
  type: "boolean" | "string";
  short?: string;
  /** One line, without a full stop. */
  about: string;
  /** What stands for the value in the help, for options of type `string`. */
  value?: string;
}

export type OptionTable = Record<string, OptionSpec>;

export interface PositionalSpec {
  name: string;
  about: string;
  /** Absent means that it must be given. */
  optional?: boolean;
  /** Takes all that follow; only the last may be so. */
  many?: boolean;
}

interface ParseConfig<Options extends OptionTable> {
  args: string[];
  options: Options;
  allowPositionals: true;
  strict: true;
}

/** The options as they were given; those that were not are absent. */
type OptionValues<Options extends OptionTable> = ReturnType<
  typeof parseArgs<ParseConfig<Options>>
>["values"];

/** What every command gets beside its arguments. */
interface Surroundings {
  console: Console;
  /** Aborted by Ctrl-C and by the terminal's end. */
  signal: AbortSignal;
}

/** Returns the exit code; nothing means 0. Throws for whatever went wrong. */
type Run<Options extends OptionTable> = (
  given: { options: OptionValues<Options>; positionals: string[] },
  surroundings: Surroundings,
) => Promise<number | void>;

interface CommandSpec<Options extends OptionTable> {
  name: string;
  /** One line, without a full stop. */
  summary: string;
  /** What a newcomer must know, in whole sentences. */
  details?: string;
  positionals?: PositionalSpec[];
  options?: Options;
  examples?: string[];
  run: Run<Options>;
}

/** A command with its types left behind, so that commands of different options fit one list. */
export interface CliCommand {
  name: string;
  summary: string;
  details?: string;
  positionals: PositionalSpec[];
  options: OptionTable;
  examples: string[];
  /** Parses and runs; throws `invalid_request` for what it cannot parse. */
  invoke(args: string[], surroundings: Surroundings, parse: Parser): Promise<number | void>;
}

/** Parses arguments strictly by a command's tables. */
export type Parser = <Options extends OptionTable>(
  args: string[],
  tables: { options: Options; positionals: PositionalSpec[]; command: string },
) => { options: OptionValues<Options>; positionals: string[] };

/** One command as data and a function. `--help` is handled before it is asked. */
export function defineCommand<const Options extends OptionTable>(
  spec: CommandSpec<Options>,
): CliCommand {
  const { run, positionals = [], options, examples = [], ...rest } = spec;
  const table = options ?? ({} as Options);
  return {
    ...rest,
    positionals,
    options: table,
    examples,
    invoke(args, surroundings, parse) {
      return run(parse(args, { options: table, positionals, command: spec.name }), surroundings);
    },
  };
}

/** The option that every command with a result has. */
export const jsonOption = {
  json: { type: "boolean", about: "Print JSON, for programs" },
} as const satisfies OptionTable;

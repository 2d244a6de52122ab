import { EXIT_CODES } from "./exit-codes.ts";
import type { CliCommand, OptionTable } from "./command-spec.ts";
import { usageLine } from "./parse-arguments.ts";

const helpOption = { help: { type: "boolean", short: "h", about: "Show this help" } } as const;

/** `sandlot --help`. */
export function mainHelp(commands: CliCommand[], version: string): string {
  return [
    `sandlot ${version}: the Vercel Sandbox API on your own machine`,
    "",
    "Usage: sandlot <command> [options]",
    "",
    "Commands:",
    ...twoColumns(commands.map(({ name, summary }) => [name, summary])),
    "",
    "Options:",
    ...twoColumns([
      ["-h, --help", "Show this help, or a command's: sandlot <command> --help"],
      ["-v, --version", "Print the version"],
    ]),
    "",
    "Exit codes:",
    ...twoColumns(Object.values(EXIT_CODES).map(({ code, meaning }) => [String(code), meaning])),
  ].join("\n");
}

/** `sandlot <command> --help`. */
export function commandHelp(command: CliCommand): string {
  const { name, summary, details, positionals, options, examples } = command;
  const parts = [
    [`Usage: ${usageLine(name, positionals)}`],
    [details === undefined ? `${summary}.` : `${summary}.\n\n${details}`],
    positionals.length > 0 && [
      "Arguments:",
      ...twoColumns(positionals.map(({ name: word, about }) => [word, about])),
    ],
    ["Options:", ...twoColumns(optionRows({ ...options, ...helpOption }))],
    examples.length > 0 && ["Examples:", ...examples.map((example) => `  ${example}`)],
  ];
  return parts
    .filter((part) => part !== false)
    .map((part) => part.join("\n"))
    .join("\n\n");
}

function optionRows(options: OptionTable): [string, string][] {
  return Object.entries(options).map(([name, { short, value, about }]) => [
    `${short ? `-${short}, ` : "    "}--${name}${value ? ` <${value}>` : ""}`,
    about,
  ]);
}

function twoColumns(rows: (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}

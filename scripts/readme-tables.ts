// Writes the tables of README.md that repeat what the code says: settings, commands
// and exit codes. `node scripts/readme-tables.ts`; a test fails when they differ.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { COMMANDS } from "../lib/cli/commands.ts";
import { EXIT_CODES } from "../lib/cli/exit-codes.ts";
import { usageLine } from "../lib/cli/parse-arguments.ts";
import { SETTINGS } from "../lib/host/settings.ts";
import { markdownTable } from "./markdown-table.ts";
import { replaceBetween } from "./replace-between.ts";

/** The README's text with each table between its markers as the code has it today. */
export function withTables(readme: string): string {
  const tables: Record<string, string[][]> = {
    settings: [
      ["variable", "default", "may be", "meaning"],
      ...Object.values(SETTINGS).map(({ variable, fallback, allowed, meaning }) => [
        `\`${variable}\``,
        fallback,
        allowed,
        meaning,
      ]),
    ],
    commands: [
      ["command", "what it does"],
      ...COMMANDS.map(({ name, positionals, summary }) => [
        `\`${usageLine(name, positionals).replace(" [options]", "")}\``,
        summary,
      ]),
    ],
    "exit-codes": [
      ["exit code", "meaning"],
      ...Object.values(EXIT_CODES).map(({ code, meaning }) => [String(code), meaning]),
    ],
  };
  return Object.entries(tables).reduce(
    (text, [name, rows]) => replaceBetween(text, name, markdownTable(rows)),
    readme,
  );
}

if (import.meta.main) {
  const file = join(import.meta.dirname, "../README.md");
  await writeFile(file, withTables(await readFile(file, "utf8")));
}

// Puts the table of the latest whole run into the README, with the machine that it was measured on.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { replaceBetween } from "../scripts/replace-between.ts";
import { markdownTable } from "./table.ts";

const Results = z.object({
  machine: z.object({
    node: z.string(),
    platform: z.string(),
    processors: z.int(),
    isolation: z.string(),
  }),
  rows: z.array(
    z.object({
      what: z.string(),
      baseline: z.string(),
      goal: z.string(),
      result: z.string(),
      reached: z.boolean().optional(),
    }),
  ),
});

const root = join(import.meta.dirname, "..");
const { machine, rows } = Results.parse(
  JSON.parse(await readFile(join(root, "bench/results/latest.json"), "utf8")),
);
const place = `${machine.processors} processors, ${machine.platform}, Node ${machine.node}, \`${machine.isolation}\` isolation:`;
const file = join(root, "README.md");
const readme = await readFile(file, "utf8");
await writeFile(file, replaceBetween(readme, "bench", `${place}\n\n${markdownTable(rows)}`));

// Puts the table of the latest measurements into the README, with the machine that they were made on.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceBetween } from "../scripts/replace-between.ts";
import { MEASURES } from "./all-measures.ts";
import { ISOLATIONS, readResults } from "./results.ts";
import { resultsTable } from "./table.ts";

const places = new Set<string>();
for (const isolation of ISOLATIONS) {
  const results = await readResults(isolation);
  for (const { name } of MEASURES) {
    const found = results[name];
    if (!found || found.quick) {
      throw new Error(
        `"${name}" was not measured, or only with --quick, with ${isolation}: npm run bench`,
      );
    }
    const { processors, platform, node } = found.machine;
    places.add(`${processors} processors, ${platform}, Node ${node}`);
  }
}
const file = join(import.meta.dirname, "../README.md");
const table = `${[...places].join("; ")}:\n\n${await resultsTable()}`;
await writeFile(file, replaceBetween(await readFile(file, "utf8"), "bench", table));

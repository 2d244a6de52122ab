// Prints the table of what is fast, as ratios against a baseline in the same run, and writes it as JSON.
//   node bench/main.ts [--quick] [--only <measure>]
// `node bench/readme.ts` then puts the latest table into the README.
import { mkdir, writeFile } from "node:fs/promises";
import { arch, cpus, platform, release, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Measure, Row } from "./measure.ts";
import { command } from "./measures/command.ts";
import { create } from "./measures/create.ts";
import { crowd } from "./measures/crowd.ts";
import { firstLine } from "./measures/first-line.ts";
import { idle } from "./measures/idle.ts";
import { logThroughput } from "./measures/log-throughput.ts";
import { port } from "./measures/port.ts";
import { snapshot } from "./measures/snapshot.ts";
import { writeFiles } from "./measures/write-files.ts";
import { openBench } from "./open-bench.ts";
import { markdownTable } from "./table.ts";

const MEASURES: Measure[] = [
  create,
  command,
  firstLine,
  logThroughput,
  writeFiles,
  snapshot,
  port,
  idle,
  crowd,
];

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, only: { type: "string", multiple: true } },
});
const chosen = MEASURES.filter(({ name }) => !values.only || values.only.includes(name));
if (chosen.length === 0) {
  console.error(
    `There is no such measure. There are: ${MEASURES.map(({ name }) => name).join(", ")}`,
  );
  process.exit(2);
}

const rows: Row[] = [];
{
  await using bench = await openBench({ quick: values.quick });
  for (const measure of chosen) {
    process.stderr.write(`${measure.name} …\n`);
    rows.push(...(await measure.run(bench)));
  }
  const machine = {
    node: process.version,
    platform: `${platform()} ${release()} ${arch()}`,
    processors: cpus().length,
    processor: cpus()[0]?.model ?? "unknown",
    memoryBytes: totalmem(),
    isolation: bench.engine.isolation.name,
  };
  const results = join(import.meta.dirname, "results");
  await mkdir(results, { recursive: true });
  const json = { at: new Date().toISOString(), quick: values.quick, machine, rows };
  await writeFile(join(results, "latest.json"), `${JSON.stringify(json, null, 2)}\n`);
  console.log(
    `${machine.processors} × ${machine.processor}, Node ${machine.node}, isolation ${machine.isolation}\n`,
  );
}
console.log(markdownTable(rows));

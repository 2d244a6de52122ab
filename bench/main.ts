// Prints the table of what is fast, as ratios against a baseline in the same run, for each isolation.
//   node bench/main.ts [--quick] [--only <measure>] [--isolation <name>]
// Each isolation is measured by a process of its own. What was found is kept in results/, one measure
// apart from the other; `node bench/readme.ts` then puts it into the README.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { MEASURES } from "./all-measures.ts";
import { ISOLATIONS } from "./results.ts";
import { resultsTable } from "./table.ts";

const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string", multiple: true },
    isolation: { type: "string", multiple: true },
  },
});
refuseUnknown(
  "measure",
  values.only ?? [],
  MEASURES.map(({ name }) => name),
);
refuseUnknown("isolation", values.isolation ?? [], ISOLATIONS);

const args = [
  ...(values.quick ? ["--quick"] : []),
  ...(values.only ?? []).map((name) => `--only=${name}`),
];
for (const isolation of ISOLATIONS) {
  if (values.isolation && !values.isolation.includes(isolation)) continue;
  const child = spawn(process.execPath, [join(import.meta.dirname, "run.ts"), ...args], {
    env: { ...process.env, SANDLOT_ISOLATION: isolation },
    stdio: "inherit",
  });
  const [code] = (await once(child, "exit")) as [number | null];
  // What this machine does not give is said by the child; the other isolation is measured all the same.
  if (code !== 0) process.exitCode = 1;
}
console.log(await resultsTable());

function refuseUnknown(kind: string, asked: readonly string[], known: readonly string[]): void {
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  console.error(`There is no ${kind} "${unknown}". There are: ${known.join(", ")}`);
  process.exit(2);
}

// Measures with one isolation, that of SANDLOT_ISOLATION, and keeps what it found in results/<isolation>.json.
// `bench/main.ts` starts it.
import { cpus, arch, platform, release } from "node:os";
import { parseArgs } from "node:util";
import { MEASURES } from "./all-measures.ts";
import { openBench } from "./open-bench.ts";
import { keepResults } from "./results.ts";

const { values } = parseArgs({
  options: { quick: { type: "boolean", default: false }, only: { type: "string", multiple: true } },
});
const chosen = MEASURES.filter(({ name }) => !values.only || values.only.includes(name));

await using bench = await openBench({ quick: values.quick });
const machine = {
  node: process.version,
  platform: `${platform()} ${release()} ${arch()}`,
  processors: cpus().length,
};
for (const measure of chosen) {
  process.stderr.write(`${bench.engine.isolation.name}: ${measure.name} …\n`);
  const rows = await measure.run(bench);
  const found = { at: new Date().toISOString(), quick: values.quick, machine, rows };
  await keepResults(bench.engine.isolation.name, measure.name, found);
}

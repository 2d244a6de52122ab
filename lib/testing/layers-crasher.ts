import fs from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import type * as Bench from "./layers-bench.ts";

// An engine's process, as far as layers go, that dies just before it would rename something for the n-th time: all
// that is made is put in its place by that, so between two of them nothing is. It says what it has done.

const [directory = "", deathAt = "0"] = process.argv.slice(2);
let left = Number(deathAt);
const { rename } = fs;
fs.rename = async (from, to) => {
  if (--left === 0) process.kill(process.pid, "SIGKILL");
  return rename(from, to);
};
syncBuiltinESMExports();

const { openLayers, makeRoot }: typeof Bench = await import("./layers-bench.ts");
const { folders, layers } = await openLayers(directory);
const say = (done: string) => process.stdout.write(`${done}\n`);

async function add(id: string, on: string): Promise<void> {
  await makeRoot({ folders, layers }, { folder: `root-${id}`, on });
  await layers.add(id, { folder: `root-${id}`, ownBytes: 1 });
  say(`added ${id}`);
}

async function remove(id: string): Promise<void> {
  say(`deleting ${id}`);
  await layers.delete(id);
  say(`deleted ${id}`);
}

await add("deep", "s32");
await add("beside", "s32");
await layers.idle();
await add("above", "deep");
await remove("deep");
await remove("s2");
await remove("s32");
await add("last", "above");
await remove("beside");
await remove("above");
say("done");
process.exit(0);

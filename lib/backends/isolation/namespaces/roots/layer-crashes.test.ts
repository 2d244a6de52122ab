import { execFileSync, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { makeRoot, numbered, openLayers, seenOn } from "../../../../testing/layers-bench.ts";
import { temporaryDirectory } from "../../../../testing/temporary-directory.ts";

const CRASHER = fileURLToPath(new URL("../../../../testing/layers-crasher.ts", import.meta.url));
const LANES = 2;
// Any `FUZZ_RUNS` makes the long run: every step instead of each third, from a random one on.
const EACH = process.env["FUZZ_RUNS"] === undefined ? 3 : 1;
const FIRST = randomInt(EACH) + 1;

/** Runs the program until its n-th rename. Gives what it had done by then. */
async function crash(directory: string, deathAt: number): Promise<string[]> {
  const child = spawn(process.execPath, [CRASHER, directory, String(deathAt)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [said, complaint, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit") as Promise<[number | null, string | null]>,
  ]);
  if (code !== 0 && signal !== "SIGKILL") throw new Error(complaint);
  return said.trim().split("\n");
}

/** Of the snapshots that the program makes, the files that are seen in them. */
const FILES: Record<string, string[]> = {
  ...Object.fromEntries(
    Array.from({ length: 32 }, (_, index) => [`s${index + 1}`, numbered("root-s", index + 1)]),
  ),
  deep: ["root-deep", ...numbered("root-s", 32)],
  beside: ["root-beside", ...numbered("root-s", 32)],
  above: ["root-above", "root-deep", ...numbered("root-s", 32)],
  last: ["root-above", "root-deep", "root-last", ...numbered("root-s", 32)],
};

async function check(directory: string, said: readonly string[]): Promise<void> {
  const { folders, layers } = await openLayers(directory);
  const has = (verb: string, id: string) => said.includes(`${verb} ${id}`);
  for (const [id, files] of Object.entries(FILES)) {
    const isThere = layers.snapshotIds.includes(id);
    const wasMade = id.startsWith("s") || has("added", id);
    if (wasMade && !has("deleting", id)) expect([id, isThere]).toEqual([id, true]);
    if (has("deleted", id)) expect([id, isThere]).toEqual([id, false]);
    if (!isThere) continue;
    const stack = await layers.holdStackOf(id, `look-${id}`);
    expect(await seenOn(folders, stack)).toEqual(files.toSorted());
    await layers.release(`look-${id}`);
  }
  await layers.idle();
  // What was never a snapshot is swept away by whoever knows the sessions.
  for (const folder of await folders.list("roots")) {
    await folders.discard(folders.root(folder));
    await layers.release(folder);
  }
  for (const id of layers.snapshotIds) await layers.delete(id);
  await layers.idle();
  for (const kind of ["snapshots", "temporary"]) {
    expect(await readdir(join(directory, kind))).toEqual([]);
  }
}

test("whatever step of a capture, a merge or a deletion an engine dies in, nothing is lost or left", async () => {
  await using template = await temporaryDirectory();
  const made = await openLayers(join(template.path, "made"));
  let last: string | undefined;
  for (let index = 1; index <= 32; index++) {
    await makeRoot(made, { folder: `root-s${index}`, on: last });
    last = `s${index}`;
    await made.layers.add(last, { folder: `root-s${index}`, ownBytes: 1 });
  }
  let deaths = 0;
  let isOver = false;
  const lane = async () => {
    while (!isOver) {
      const deathAt = FIRST + EACH * deaths++;
      const directory = join(template.path, `crash${deathAt}`);
      execFileSync("cp", ["-a", join(template.path, "made"), directory]);
      const said = await crash(directory, deathAt);
      await check(directory, said);
      if (said.includes("done")) isOver = true;
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  // A program that renamed nothing would have died nowhere.
  expect(deaths * EACH).toBeGreaterThan(25);
}, 120_000);

import { spawn } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { newId } from "../../std/ids.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { eachProcess } from "./process-table.ts";
import { killTree } from "./process-tree.ts";
import { limitMarks } from "./session-marks.ts";

const onLinux = process.platform === "linux";

test.skipIf(!onLinux)(
  "what starts its successor and ends is found, though each look may come between the two (only Linux has marks)",
  async () => {
    await using directory = await temporaryDirectory();
    const beat = join(directory.path, "beat");
    const beats = async () => (await readFile(beat, "utf8").catch(() => "")).length; // Not there yet.
    const hop = join(directory.path, "hop");
    // In a session of its own and with no parent: only its marks tell whose it is.
    await writeFile(hop, `echo >> "${beat}"\nsetsid sh "$0" &\n`);
    for (let round = 0; round < 20; round += 1) {
      const sessionId = newId("sbx");
      const before = await beats();
      const { command, session } = limitMarks({ sessionId });
      try {
        spawn("prlimit", [`--locks=${command}:${session}`, "sh", hop], { stdio: "ignore" });
        await expect.poll(beats, { timeout: 10_000, interval: 5 }).toBeGreaterThan(before + 2);
      } finally {
        await killTree({ sessionId, recorders: new Set() });
      }
      const killed = await beats();
      await delay(100);
      expect(await beats()).toBe(killed);
    }
  },
);

test.skipIf(!onLinux)(
  "the newest is looked at first, also when numbers have begun anew (only Linux tells a start in numbers)",
  () => {
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    try {
      const all = [...eachProcess()];
      const index = all.findIndex(({ pid }) => pid === child.pid);
      const startTimeOf = (at: number) => Number(all[at]?.entry?.startTime ?? Infinity);
      expect(index).toBeGreaterThanOrEqual(0);
      // In hundredths of a second; of two that are made at the same time either may be counted first.
      for (let at = 0; at < index; at += 1) {
        expect(startTimeOf(at)).toBeGreaterThan(startTimeOf(index) - 5);
      }
    } finally {
      child.kill();
    }
  },
);

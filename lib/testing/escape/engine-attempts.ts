import { readFileSync, writeFileSync } from "node:fs";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { fileEntry } from "../isolation-bench.ts";
import type { Attempt, Attempts, Stage } from "./attempt.ts";

const PLACE = "/vercel/sandbox/link";
/** Far longer than the engine is busy with a file, and shorter than the programs here make it wait. */
const HELD_UP_MS = 3_000;
const HELD_UP = "the engine is held up";

/** Whether the engine's work goes on, whatever comes of it. */
async function watched(work: Promise<unknown>): Promise<string> {
  const ended = new AbortController();
  const settled = work.then(
    () => "",
    (error: unknown) => String(error),
  );
  const late = delay(HELD_UP_MS, HELD_UP, { signal: ended.signal }).catch(() => "");
  const said = await Promise.race([settled, late]);
  ended.abort();
  // It is let go at last: a weakened engine has nobody waiting for ever.
  await settled;
  return said;
}

const withPipe = (
  title: string,
  letGo: string,
  use: (stage: Stage) => Promise<unknown>,
): Attempt => ({
  title,
  as: "default-user",
  program: `mkfifo link; echo holding; sleep 5; ${letGo}`,
  proof: { found: (_stage, output) => output.includes(HELD_UP) },
  weakened: "naive-files",
  afterwards: (stage) => watched(use(stage)),
});

const HUGE_MB = 300;
const MB = 1024;

/** The most memory that this process had at once since it was last asked to forget it. */
const peakMb = () =>
  Number(/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1]) / MB;
const FORGET_THE_PEAK = "5";

/** Ways to keep the engine from its work. */
export const engineAttempts: Attempts = {
  "engine: reading what never comes": withPipe(
    "has the engine wait for what it reads",
    "echo something >link",
    async ({ files }) => text((await files.read(PLACE)).content),
  ),
  "engine: writing what nobody takes": withPipe(
    "has the engine wait for somebody who takes what it writes",
    "cat link",
    ({ files }) => files.write(Readable.from([fileEntry(PLACE, "x")])),
  ),
  "engine: a huge list of groups": {
    title: "has the engine take more memory than the machine has, for a list of groups",
    as: "root",
    program: `truncate -s ${HUGE_MB}M /etc/group`,
    proof: { found: (_stage, output) => output.includes("the engine grows") },
    weakened: "naive-tables",
    async afterwards(stage) {
      writeFileSync("/proc/self/clear_refs", FORGET_THE_PEAK);
      const before = peakMb();
      const entry = fileEntry("/vercel/sandbox/written", "x");
      // Whether it is written is the sandbox's own matter.
      await stage.files.write(Readable.from([entry])).catch(() => undefined);
      return peakMb() - before > HUGE_MB / 2 ? "the engine grows" : "";
    },
  },
};

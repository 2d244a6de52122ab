import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { IndexWriter, readLosses } from "./output-index.ts";
import { OutputLimit } from "./output-limit.ts";

async function temporaryLimit(limitBytes: number) {
  const directory = await temporaryDirectory();
  const file = join(directory.path, "index");
  const index = new IndexWriter(file);
  const written = { stdout: 0, stderr: 0 };
  const events: string[] = [];
  let drop = Promise.withResolvers<boolean>();
  const limit = new OutputLimit({
    directory: directory.path,
    index,
    written,
    limitBytes,
    discardPrefix: async (path, bytes) => {
      events.push(`drop ${path.slice(directory.path.length + 1)} ${bytes}`);
      return drop.promise;
    },
    onUnbounded: () => events.push("unbounded"),
    // What the next engine would be told if this one died now.
    onHold: (held) => events.push(`${held ? "hold" : "go on"}, noted ${readLosses(file).held}`),
    onTrouble: (reason) => events.push(`trouble ${String(reason)}`),
  });
  return {
    limit,
    written,
    events,
    index,
    file,
    async dropped(done: boolean) {
      const before = drop;
      drop = Promise.withResolvers();
      before.resolve(done);
      await new Promise(setImmediate);
    },
    async [Symbol.asyncDispose]() {
      index[Symbol.dispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

test("drops the oldest bytes of the larger stream above three quarters of the limit", async () => {
  await using the = await temporaryLimit(1_064);
  Object.assign(the.written, { stdout: 734, stderr: 0 });
  the.limit.apply();
  expect(the.events).toEqual([]);
  Object.assign(the.written, { stdout: 600, stderr: 200 });
  the.limit.apply();
  expect(the.events).toEqual(["drop stdout 332"]);
  expect(readLosses(the.file).dropped).toEqual({ stdout: 332, stderr: 0 });
  await the.dropped(true);
  the.limit.apply();
  expect(the.events).toHaveLength(1);
});

test("holds a command that writes faster than room is made, and lets it go on afterwards", async () => {
  await using the = await temporaryLimit(1_064);
  the.written.stdout = 900;
  the.limit.apply();
  // The bytes that are being given back are still on the disk.
  the.written.stdout = 1_001;
  the.limit.apply();
  expect(the.events).toEqual(["drop stdout 432", "hold, noted true"]);
  await the.dropped(true);
  expect(the.events.slice(2)).toEqual(["go on, noted true"]);
  expect(readLosses(the.file).held).toBe(false);
});

test("holds before the limit is reached when the command is fast", async () => {
  await using the = await temporaryLimit(1_064);
  the.written.stdout = 800;
  the.limit.apply(20);
  expect(the.events).toEqual(["hold, noted true", "drop stdout 332"]);
});

test("a command that an earlier engine held goes on", async () => {
  await using the = await temporaryLimit(1_064);
  the.index.losses.held = true;
  the.limit.apply();
  expect(the.events).toEqual(["go on, noted false"]);
});

test("a command that is held goes on when nobody makes room any more", async () => {
  await using the = await temporaryLimit(1_064);
  the.written.stdout = 1_500;
  the.limit.apply();
  the.limit[Symbol.dispose]();
  expect(the.events.at(-1)).toMatch(/^go on/);
  await the.dropped(true);
  expect(the.events).toHaveLength(3);
});

test("gives up once when nothing can be dropped, and takes back what it had announced", async () => {
  await using the = await temporaryLimit(1_064);
  the.written.stdout = 1_000;
  the.limit.apply();
  await the.dropped(false);
  expect(the.events.at(-1)).toBe("unbounded");
  expect(readLosses(the.file).dropped).toEqual({ stdout: 0, stderr: 0 });
  the.written.stdout = 2_000;
  the.limit.apply();
  expect(the.events).toEqual(["drop stdout 532", "unbounded"]);
});

test("does not spin when the index alone is over the limit", async () => {
  await using the = await temporaryLimit(60);
  the.limit.apply();
  expect(the.events).toEqual([]);
});

import { appendFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { IndexReader, type IndexRecord, IndexWriter, readLosses } from "./output-index.ts";

async function readAll(file: string): Promise<IndexRecord[]> {
  await using handle = await open(file, "r");
  const reader = new IndexReader(handle);
  const records: IndexRecord[] = [];
  for (let found = await reader.peek(); found; found = await reader.peek()) {
    records.push(found.record);
    reader.next();
  }
  return records;
}

const arrivals = fc.array(
  fc.record({
    stream: fc.constantFrom("stdout" as const, "stderr" as const),
    pauseMs: fc.constantFrom(0, 1, 30, 49, 50, 1_000),
    length: fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 40 })),
    /** Whether another engine takes over before it comes. */
    reopen: fc.boolean(),
  }),
  { maxLength: 60 },
);

test("gives the records in order of arrival, one for what came close together", async () => {
  await using directory = await temporaryDirectory();
  let round = 0;
  await fc.assert(
    fc.asyncProperty(arrivals, async (parts) => {
      const file = join(directory.path, `index-${round++}`);
      const expected: IndexRecord[] = [];
      let at = 1_700_000_000_000;
      let writer = new IndexWriter(file);
      const known = { stdout: 0, stderr: 0 };
      for (const { stream, pauseMs, length, reopen } of parts) {
        if (reopen) {
          writer[Symbol.dispose]();
          writer = new IndexWriter(file);
        }
        at += pauseMs;
        writer.append({ stream, at, length });
        known[stream] += length;
        const last = expected.at(-1);
        if (last?.stream === stream && at - last.at < 50) last.length += length;
        else expected.push({ stream, at, length });
      }
      expect(writer.known).toEqual(known);
      writer[Symbol.dispose]();
      expect(await readAll(file)).toEqual(expected);
    }),
    { numRuns: Number(process.env["FUZZ_RUNS"] ?? 50) },
  );
});

test("shows a reader the last record as it grows, and as final once another follows", async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "index");
  using writer = new IndexWriter(file);
  await using handle = await open(file, "r");
  const reader = new IndexReader(handle);
  expect(await reader.peek()).toBeUndefined();
  writer.append({ stream: "stdout", at: 1, length: 5 });
  expect(await reader.peek()).toEqual({
    record: { stream: "stdout", at: 1, length: 5 },
    final: false,
  });
  writer.append({ stream: "stdout", at: 2, length: 6 });
  expect(await reader.peek()).toEqual({
    record: { stream: "stdout", at: 1, length: 11 },
    final: false,
  });
  writer.append({ stream: "stderr", at: 3, length: 1 });
  expect(await reader.peek()).toMatchObject({ record: { length: 11 }, final: true });
});

test("keeps what was lost, for readers and for the next engine", async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "index");
  const losses = {
    dropped: { stdout: 7, stderr: 2 ** 40 },
    base: { stdout: 3, stderr: 0 },
    held: true,
  };
  {
    using writer = new IndexWriter(file);
    writer.append({ stream: "stdout", at: 1, length: 5 });
    Object.assign(writer.losses, losses);
    writer.saveLosses();
  }
  expect(readLosses(file)).toEqual(losses);
  using next = new IndexWriter(file);
  expect(next.losses).toEqual(losses);
  expect(next.known).toEqual({ stdout: 5, stderr: 0 });
});

test("takes off what a crash cut short, and begins anew where there is no header", async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "index");
  {
    using writer = new IndexWriter(file);
    writer.append({ stream: "stdout", at: 1, length: 5 });
  }
  const whole = readFileSync(file);
  appendFileSync(file, "torn");
  new IndexWriter(file)[Symbol.dispose]();
  expect(readFileSync(file)).toEqual(whole);
  for (const damage of [() => truncateSync(file, 20), () => writeFileSync(file, "x".repeat(200))]) {
    damage();
    new IndexWriter(file)[Symbol.dispose]();
    expect(readFileSync(file)).toEqual(whole.subarray(0, 64));
  }
  expect(readLosses(join(directory.path, "none"))).toEqual(readLosses(file));
});

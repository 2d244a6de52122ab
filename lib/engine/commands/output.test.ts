import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OutputChunk, OutputStream } from "../../contract/command.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { endedOutput, OutputFollower } from "./output-follower.ts";
import { readOutput, readOutputBytes } from "./output-reader.ts";

/** For a machine that has much else to do. */
const PATIENT = { timeout: 10_000 };

/** Of what an output makes the engine hold, however long it is. */
const MEMORY_LIMIT = 8 * 2 ** 20;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

/** What this process cannot give back, in its heap and beside it. */
function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

interface OutputSetting {
  limitBytes?: number;
  canDrop?: boolean;
  /** How large the disk is; the whole machine's when absent. Needs root. */
  diskBytes?: number;
}

async function temporaryOutput(options: OutputSetting = {}) {
  const outer = await temporaryDirectory();
  const directory = { path: join(outer.path, "output") };
  mkdirSync(directory.path);
  if (options.diskBytes !== undefined) {
    execFileSync("mount", [
      "-t",
      "tmpfs",
      "-o",
      `size=${options.diskBytes}`,
      "tmpfs",
      directory.path,
    ]);
  }
  const time = { now: 1_000 };
  const discarded: [string, number][] = [];
  const unbounded: string[] = [];
  const holds: boolean[] = [];
  const troubles: unknown[] = [];
  const followers: OutputFollower[] = [];
  const follow = () => {
    const follower = new OutputFollower({
      directory: directory.path,
      now: () => time.now,
      limitBytes: options.limitBytes ?? 1_000_000,
      discardPrefix: async (file, bytes) => {
        discarded.push([file.slice(directory.path.length + 1), bytes]);
        return options.canDrop ?? true;
      },
      onUnbounded: () => void unbounded.push("limit"),
      onHold: (held) => void holds.push(held),
      onTrouble: (reason) => void troubles.push(reason),
    });
    followers.push(follower);
    return follower;
  };
  return {
    path: directory.path,
    time,
    discarded,
    unbounded,
    troubles,
    holds,
    follow,
    write: (stream: OutputStream, data: string | Uint8Array) =>
      appendFileSync(join(directory.path, stream), data),
    async [Symbol.asyncDispose]() {
      for (const follower of followers) follower[Symbol.dispose]();
      if (options.diskBytes !== undefined) execFileSync("umount", [directory.path]);
      await outer[Symbol.asyncDispose]();
    },
  };
}

async function collect<Chunk>(chunks: AsyncIterable<Chunk>): Promise<Chunk[]> {
  const all: Chunk[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return all;
}

const textOf = (chunks: OutputChunk[], stream?: OutputStream) =>
  chunks
    .filter((chunk) => stream === undefined || chunk.stream === stream)
    .map(({ data }) => data)
    .join("");

describe("following", () => {
  test("a reader who was there first sees what comes, in order of arrival", async () => {
    await using output = await temporaryOutput();
    const follower = output.follow();
    const reader = readOutput(follower);
    output.write("stdout", "one\n");
    expect(await reader.next()).toMatchObject({ value: { stream: "stdout", data: "one\n" } });
    output.write("stderr", "two\n");
    expect(await reader.next()).toMatchObject({ value: { stream: "stderr", data: "two\n" } });
    output.write("stdout", "three\n");
    follower.finish();
    expect(textOf(await collect(reader))).toBe("three\n");
  });

  test("every reader sees everything, also one who comes after the end", async () => {
    await using output = await temporaryOutput();
    const follower = output.follow();
    const early = collect(readOutput(follower));
    output.write("stdout", "a");
    await expect.poll(() => statSync(join(output.path, "index")).size, PATIENT).toBe(80);
    output.time.now += 1_000;
    output.write("stderr", "b");
    follower.finish();
    const expected = [
      { stream: "stdout", data: "a", at: 1_000 },
      { stream: "stderr", data: "b", at: 2_000 },
    ];
    expect(await early).toEqual(expected);
    expect(await collect(readOutput(follower))).toEqual(expected);
    expect(await collect(readOutput(endedOutput(output.path)))).toEqual(expected);
  });

  test("who does not follow reads what is there now, seen or not, to the last whole character", async () => {
    await using output = await temporaryOutput();
    const follower = output.follow();
    const now = { follow: false };
    expect(await collect(readOutput(follower, now))).toEqual([]);
    output.write("stdout", "so far \u00e9".slice(0, 7));
    output.write("stderr", Buffer.from("\u00e9").subarray(0, 1));
    expect(await collect(readOutput(follower, now))).toEqual([
      { stream: "stdout", data: "so far ", at: 1_000 },
    ]);
    output.write("stderr", Buffer.from("\u00e9").subarray(1));
    follower.finish();
    expect(await collect(readOutput(follower, now))).toEqual(await collect(readOutput(follower)));
  });

  test("who does not follow comes to an end, however fast the command writes", async () => {
    await using output = await temporaryOutput();
    const follower = output.follow();
    output.write("stdout", "one\n");
    let read = "";
    for await (const { data } of readOutput(follower, { follow: false })) {
      read += data;
      // More than was read, each time.
      output.write("stdout", "two\n");
      follower.lookNow();
      if (read.length > 4) break;
    }
    expect(read).toBe("one\n");
    follower.finish();
  });

  test("bytes are given as they were written, in the same order and behind the same gaps", async () => {
    await using output = await temporaryOutput({ limitBytes: 1_000 });
    const follower = output.follow();
    const half = Buffer.from("\u00e9").subarray(0, 1);
    output.write("stdout", Buffer.from([0, 255, 10]));
    output.write("stderr", half);
    expect(follower.lookNow()).toBe(4);
    const read = await collect(readOutputBytes(follower, { follow: false }));
    expect(read.map(({ stream, data }) => [stream, [...data]])).toEqual([
      ["stdout", [0, 255, 10]],
      ["stderr", [...half]],
    ]);
    output.write("stdout", "x".repeat(5_000));
    follower.lookNow();
    await expect.poll(() => output.discarded.length, PATIENT).toBeGreaterThan(0);
    follower.finish();
    const sums = { stdout: 0, stderr: 0 };
    for await (const { stream, data, dropped = 0 } of readOutputBytes(follower)) {
      sums[stream] += data.length + dropped;
    }
    expect(sums).toEqual({ stdout: 5_003, stderr: 1 });
  });

  test("who asks for what comes from now on does not see what was before", async () => {
    await using output = await temporaryOutput();
    const follower = output.follow();
    output.write("stdout", "before, \u00e9 and\n");
    output.write("stderr", "before\n");
    const reader = readOutputBytes(follower, { from: "now" });
    const first = reader.next();
    // Its place is found out at the first look, before anything else is written.
    await expect.poll(() => statSync(join(output.path, "index")).size, PATIENT).toBe(96);
    output.write("stdout", "after");
    expect(Buffer.from((await first).value?.data ?? "").toString()).toBe("after");
    follower.finish();
    expect(await reader.next()).toEqual({ done: true, value: undefined });
    expect(await collect(readOutputBytes(follower, { from: "now" }))).toEqual([]);
    expect(await collect(readOutputBytes(endedOutput(output.path), { from: "now" }))).toEqual([]);
  });

  test("an abort ends a waiting reader with the signal's reason", async () => {
    await using output = await temporaryOutput();
    const follower = output.follow();
    const controller = new AbortController();
    const reading = collect(readOutput(follower, { signal: controller.signal }));
    controller.abort(new Error("enough"));
    await expect(reading).rejects.toThrow("enough");
    follower.finish();
  });

  test("the next engine goes on where the last one stopped, and takes what came in between", async () => {
    await using output = await temporaryOutput();
    const first = output.follow();
    output.write("stderr", "early ");
    first.abandon(new Error("the engine ended"));
    output.write("stdout", "between ");
    const second = output.follow();
    output.write("stdout", "late");
    second.finish();
    const chunks = await collect(readOutput(second));
    expect(textOf(chunks, "stdout")).toBe("between late");
    expect(textOf(chunks, "stderr")).toBe("early ");
  });

  test("a record that was cut short by a crash is taken off", async () => {
    await using output = await temporaryOutput();
    const first = output.follow();
    output.write("stdout", "whole");
    first.finish();
    appendFileSync(join(output.path, "index"), "torn");
    const second = output.follow();
    output.write("stdout", " again");
    second.finish();
    expect(textOf(await collect(readOutput(second)))).toBe("whole again");
  });

  test("a reader fails with the reason when nobody follows any more, and has all that came before", async () => {
    await using output = await temporaryOutput();
    const follower = output.follow();
    const reader = readOutput(follower);
    output.write("stdout", "before");
    expect((await reader.next()).value?.data).toBe("before");
    const next = reader.next();
    follower.abandon(new Error("the engine ends"));
    await expect(next).rejects.toThrow("the engine ends");
  });

  test("what is in no index comes at the end: stdout, then stderr", async () => {
    await using output = await temporaryOutput();
    const follower = output.follow();
    output.write("stdout", "seen ");
    follower.finish();
    follower[Symbol.dispose]();
    output.write("stderr", "left behind");
    output.write("stdout", "later");
    const chunks = await collect(readOutput(endedOutput(output.path)));
    expect(chunks.map(({ stream, data }) => `${stream}: ${data}`)).toEqual([
      "stdout: seen ",
      "stdout: later",
      "stderr: left behind",
    ]);
    rmSync(join(output.path, "index"));
    writeFileSync(join(output.path, "index"), "");
    expect(textOf(await collect(readOutput(endedOutput(output.path))))).toBe(
      "seen laterleft behind",
    );
  });

  test("a flood is looked at a limited number of times, and nothing of it is missed", async () => {
    await using output = await temporaryOutput();
    const follower = output.follow();
    const reading = collect(readOutput(follower));
    const lines = 20_000;
    for (let line = 0; line < lines; line++) {
      output.time.now += 100;
      output.write(line % 2 === 0 ? "stdout" : "stderr", "x");
      // So that each could be an event, and a record, of its own.
      await new Promise(setImmediate);
    }
    follower.finish();
    expect(textOf(await reading)).toBe("x".repeat(lines));
    expect(statSync(join(output.path, "index")).size / 16).toBeLessThan(lines / 2);
  });

  test("a command that cuts its own log loses only what was in it", async () => {
    await using output = await temporaryOutput();
    const follower = output.follow();
    output.write("stdout", "long enough to shrink\n");
    await expect.poll(() => statSync(join(output.path, "index")).size, PATIENT).toBe(80);
    truncateSync(join(output.path, "stdout"), 0);
    await expect.poll(() => follower.base.stdout, PATIENT).toBe(22);
    output.write("stdout", "after\n");
    follower.finish();
    expect(await collect(readOutput(follower))).toEqual([
      { stream: "stdout", data: "after\n", at: 1_000, dropped: 22 },
    ]);
  });
});

describe("the limit", () => {
  test("drops the oldest bytes, and every reader is told how many", async () => {
    await using output = await temporaryOutput({ limitBytes: 800 });
    const follower = output.follow();
    output.write("stderr", "warning\n");
    for (let round = 0; round < 10; round++) {
      output.write("stdout", "x".repeat(200));
      const written = 200 * (round + 1);
      await expect
        .poll(() => written + 8 - follower.dropped.stdout - follower.dropped.stderr, PATIENT)
        .toBeLessThanOrEqual(800);
    }
    follower.finish();
    const chunks = await collect(readOutput(follower));
    const dropped = chunks.reduce((sum, chunk) => sum + (chunk.dropped ?? 0), 0);
    expect(dropped).toBe(follower.dropped.stdout);
    expect(dropped + textOf(chunks, "stdout").length).toBe(2_000);
    expect(textOf(chunks, "stderr")).toBe("warning\n");
    expect(output.discarded.at(-1)).toEqual(["stdout", follower.dropped.stdout]);
    expect(output.unbounded).toEqual([]);
  });

  test("says once when nothing can be dropped, and drops nothing", async () => {
    await using output = await temporaryOutput({ limitBytes: 100, canDrop: false });
    const follower = output.follow();
    output.write("stdout", "x".repeat(200));
    await expect.poll(() => output.unbounded, PATIENT).toEqual(["limit"]);
    output.write("stdout", "x".repeat(200));
    follower.finish();
    expect(output.unbounded).toEqual(["limit"]);
    expect(textOf(await collect(readOutput(follower)))).toHaveLength(400);
  });
});

const isRoot = process.getuid?.() === 0 && process.platform === "linux";

describe("a disk", () => {
  test.skipIf(!isRoot)(
    "that is full loses nothing that is in the files, and ends nobody (needs root, for a mount)",
    async () => {
      await using output = await temporaryOutput({ diskBytes: 64 * 1024 });
      const follower = output.follow();
      const written = { stdout: "", stderr: "" };
      const line = async (stream: OutputStream, text: string) => {
        const { changed } = follower;
        output.time.now += 100;
        output.write(stream, text);
        written[stream] += text;
        await changed.wait();
      };
      await line("stdout", "first ");
      await line("stderr", "first ");
      expect(() => writeFileSync(join(output.path, "filler"), Buffer.alloc(64 * 1024))).toThrow(
        /ENOSPC/,
      );
      // The logs' last pages have room left, the index's has not after 4,096 bytes.
      for (let round = 0; output.troubles.length === 0; round++) {
        await line(round % 2 === 0 ? "stdout" : "stderr", "more ");
      }
      await line("stdout", "last");
      follower.finish();
      expect(output.troubles).toHaveLength(1);
      expect(String(output.troubles[0])).toMatch(/ENOSPC|could not be written whole/);
      const chunks = await collect(readOutput(follower));
      for (const stream of ["stdout", "stderr"] as const) {
        expect(textOf(chunks, stream)).toBe(written[stream]);
      }
    },
  );

  test("is not filled, nor the memory, by 5 GB whose reader stalls", async () => {
    const gigabytes = 5;
    await using output = await temporaryOutput({ limitBytes: 256 * 1024 * 1024 });
    const follower = output.follow();
    const reader = readOutput(follower);
    output.write("stdout", "begin\n");
    expect((await reader.next()).value?.data).toBe("begin\n");
    const before = heldBytes();
    // Written as holes, in steps: the follower sees only how long the file is.
    for (let size = 2 ** 28; size <= gigabytes * 2 ** 30; size += 2 ** 28) {
      truncateSync(join(output.path, "stdout"), size);
      await expect
        .poll(() => size - follower.dropped.stdout, PATIENT)
        .toBeLessThan(256 * 1024 * 1024);
    }
    expect(heldBytes() - before).toBeLessThan(MEMORY_LIMIT);
    follower.finish();
    let [read, dropped, looks] = [6, 0, 0];
    for await (const chunk of reader) {
      // Now and then, in the middle of what is left.
      if (read > looks * 16 * 2 ** 20) {
        looks++;
        expect(heldBytes() - before).toBeLessThan(MEMORY_LIMIT);
      }
      read += chunk.data.length;
      dropped += chunk.dropped ?? 0;
    }
    expect(looks).toBeGreaterThan(5);
    expect(read + dropped).toBe(gigabytes * 2 ** 30);
    expect(dropped).toBe(follower.dropped.stdout - 6);
    expect(heldBytes() - before).toBeLessThan(MEMORY_LIMIT);
  });
});

describe("text", () => {
  const pieces = fc.array(
    fc.record({
      stream: fc.constantFrom<OutputStream>("stdout", "stderr"),
      bytes: fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => Buffer.from(text)),
      ),
      cut: fc.nat(40),
    }),
    { maxLength: 12 },
  );

  test("is what a decoder of the whole stream gives, however it was cut", async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (parts) => {
        await using output = await temporaryOutput();
        const follower = output.follow();
        const whole = { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0) };
        for (const { stream, bytes, cut } of parts) {
          for (const part of [bytes.subarray(0, cut), bytes.subarray(cut)]) {
            output.write(stream, part);
            whole[stream] = Buffer.concat([whole[stream], part]);
            output.time.now += 100;
            // As a file event would: the next part is another record.
            output.follow().abandon(new Error("the engine ended"));
          }
        }
        follower.abandon(new Error("the engine ended"));
        const state = endedOutput(output.path);
        const chunks = await collect(readOutput(state));
        for (const stream of ["stdout", "stderr"] as const) {
          const expected = new TextDecoder("utf-8", { ignoreBOM: true }).decode(whole[stream]);
          expect(textOf(chunks, stream)).toBe(expected);
        }
      }),
      { numRuns: Number(process.env["FUZZ_RUNS"] ?? 30) },
    );
  });

  test("behind a gap begins with a whole character; what is left of a cut one counts as dropped", async () => {
    const symbols = fc.array(fc.constantFrom("a", "é", "€", "😀"), { minLength: 4, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(symbols, fc.nat(), fc.nat(), async (characters, first, second) => {
        await using output = await temporaryOutput();
        const bytes = Buffer.from(`#${characters.join("")}`);
        // Read up to here, which may be in the middle of a character, and dropped from here to there.
        const read = 1 + (first % (bytes.length - 1));
        const gone = read + 1 + (second % (bytes.length - read));
        const follower = output.follow();
        const reader = readOutput(follower);
        output.write("stdout", bytes.subarray(0, read));
        const isCut = isContinuation(bytes, read);
        const whole = wholeCharacters(bytes, read);
        expect((await reader.next()).value?.data).toBe(whole);
        output.time.now += 1_000;
        output.write("stdout", bytes.subarray(read));
        follower.finish();
        Object.assign(follower.dropped, { stdout: gone });
        const rest = await collect(reader);
        const dropped = rest.reduce((sum, chunk) => sum + (chunk.dropped ?? 0), 0);
        const behind = bytes.subarray(read + dropped).toString();
        expect(behind).not.toContain("\ufffd");
        expect(textOf(rest)).toBe((isCut ? "\ufffd" : "") + behind);
        expect(read + dropped - gone).toBeLessThanOrEqual(3);
      }),
      { numRuns: Number(process.env["FUZZ_RUNS"] ?? 50) },
    );
  });

  test("of a large output comes in bounded pieces", async () => {
    await using output = await temporaryOutput({ limitBytes: 10_000_000 });
    const follower = output.follow();
    writeFileSync(join(output.path, "stdout"), "é".repeat(500_000));
    follower.finish();
    const chunks = await collect(readOutput(follower));
    expect(Math.max(...chunks.map(({ data }) => Buffer.byteLength(data)))).toBeLessThanOrEqual(
      65_536,
    );
    expect(textOf(chunks)).toBe("é".repeat(500_000));
  });
});

function isContinuation(bytes: Buffer, offset: number): boolean {
  return ((bytes[offset] ?? 0) & 0xc0) === 0x80;
}

/** The characters that end before the offset. */
function wholeCharacters(bytes: Buffer, offset: number): string {
  let end = offset;
  while (isContinuation(bytes, end)) end--;
  return bytes.subarray(0, end).toString();
}

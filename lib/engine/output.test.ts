import { appendFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OutputChunk, OutputStream } from "../contract/command.ts";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { endedOutput, OutputFollower } from "./output-follower.ts";
import { readOutput } from "./output-reader.ts";

async function temporaryOutput(options: { limitBytes?: number; canDrop?: boolean } = {}) {
  const directory = await temporaryDirectory();
  const time = { now: 1_000 };
  const discarded: [string, number][] = [];
  const unbounded: string[] = [];
  const holds: boolean[] = [];
  const troubles: unknown[] = [];
  const follow = () =>
    new OutputFollower({
      directory: directory.path,
      now: () => time.now,
      limitBytes: options.limitBytes ?? 1_000_000,
      // Overwrites with zeros, as a hole reads.
      discardPrefix: async (file, bytes) => {
        discarded.push([file.slice(directory.path.length + 1), bytes]);
        return options.canDrop ?? true;
      },
      onUnbounded: () => void unbounded.push("limit"),
      onHold: (held) => void holds.push(held),
      onTrouble: (reason) => void troubles.push(reason),
    });
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
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

async function collect(chunks: AsyncIterable<OutputChunk>): Promise<OutputChunk[]> {
  const all: OutputChunk[] = [];
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
    await expect.poll(() => statSync(join(output.path, "index")).size).toBe(80);
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

  test("an abort ends a waiting reader with the signal's reason", async () => {
    await using output = await temporaryOutput();
    const follower = output.follow();
    const controller = new AbortController();
    const reading = collect(readOutput(follower, controller.signal));
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

  test("a command that cuts its own log loses only what was in it", async () => {
    await using output = await temporaryOutput();
    const follower = output.follow();
    output.write("stdout", "long enough to shrink\n");
    await expect.poll(() => statSync(join(output.path, "index")).size).toBe(80);
    truncateSync(join(output.path, "stdout"), 0);
    await expect.poll(() => follower.base.stdout).toBe(22);
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
        .poll(() => written + 8 - follower.dropped.stdout - follower.dropped.stderr)
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
    await expect.poll(() => output.unbounded).toEqual(["limit"]);
    output.write("stdout", "x".repeat(200));
    follower.finish();
    expect(output.unbounded).toEqual(["limit"]);
    expect(textOf(await collect(readOutput(follower)))).toHaveLength(400);
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

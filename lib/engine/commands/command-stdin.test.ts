import { getEventListeners } from "node:events";
import { PassThrough, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { CommandStdin } from "./command-stdin.ts";

const bytes = (value: string) => Buffer.from(value);

test("writes arrive in order, and the end closes", async () => {
  const pipe = new PassThrough();
  const stdin = new CommandStdin({ stream: pipe });
  await Promise.all([
    stdin.write({ data: bytes("one ") }),
    stdin.write({ data: bytes("two ") }),
    stdin.write({ data: bytes("three"), end: true }),
  ]);
  expect(await text(pipe)).toBe("one two three");
  await expect(stdin.write({ data: bytes("more") })).rejects.toThrow(/stdin is closed/);
});

test("a write that is sent again is taken once, also when only its end is new", async () => {
  const pipe = new PassThrough();
  const stdin = new CommandStdin({ stream: pipe });
  expect(await stdin.write({ data: bytes("abc"), offset: 0 })).toEqual({
    bytesWritten: 3,
    offset: 3,
  });
  expect(await stdin.write({ data: bytes("abc"), offset: 0 })).toEqual({
    bytesWritten: 0,
    offset: 3,
  });
  expect(await stdin.write({ data: bytes("cd"), offset: 2 })).toEqual({
    bytesWritten: 1,
    offset: 4,
  });
  await stdin.write({ data: bytes(""), end: true });
  expect(await text(pipe)).toBe("abcd");
});

test("a gap is refused and says where to go on", async () => {
  const stdin = new CommandStdin({ stream: new PassThrough() });
  await stdin.write({ data: bytes("abc") });
  const write = stdin.write({ data: bytes("x"), offset: 9 });
  await expect(write).rejects.toMatchObject({ code: "stdin_offset_gap" });
  await expect(write).rejects.toThrow(/3 bytes/);
});

test("a command that does not read holds the write until it is aborted", async () => {
  const pipe = new PassThrough({ highWaterMark: 4 });
  const stdin = new CommandStdin({ stream: pipe });
  const controller = new AbortController();
  const write = stdin.write({ data: bytes("too much") }, controller.signal);
  controller.abort(new Error("left"));
  await expect(write).rejects.toThrow("left");
});

/** A pipe whose reader takes one piece each time it is told to. */
function slowPipe() {
  const taken: string[] = [];
  let take: (() => void) | undefined;
  const stream = new Writable({
    highWaterMark: 4,
    write(chunk: Buffer, _encoding, done) {
      taken.push(chunk.toString());
      take = done;
    },
  });
  return { stream, taken, take: () => take?.() };
}

test("what is not read in time is told, and taken once when it is sent again", async () => {
  const pipe = slowPipe();
  const stdin = new CommandStdin({ stream: pipe.stream, acceptMs: 20 });
  const write = stdin.write({ data: bytes("first!"), offset: 0 });
  await expect(write).rejects.toMatchObject({ code: "stdin_timeout" });
  await expect(write).rejects.toThrow(/6 bytes are on their way/);
  pipe.take();
  expect(await stdin.write({ data: bytes("first!"), offset: 0, end: true })).toEqual({
    bytesWritten: 0,
    offset: 6,
  });
  expect(pipe.taken).toEqual(["first!"]);
});

test("holds one unread write, however often more is tried", async () => {
  const pipe = slowPipe();
  const stdin = new CommandStdin({ stream: pipe.stream, acceptMs: 20 });
  await expect(stdin.write({ data: bytes("first!") })).rejects.toThrow(/did not read/);
  for (let round = 0; round < 3; round++) {
    await expect(stdin.write({ data: bytes("more!!") })).rejects.toThrow(/6 bytes/);
  }
  expect(pipe.stream.writableLength).toBe(6);
  expect(getEventListeners(pipe.stream, "drain")).toHaveLength(0);
});

test("a write that waits for its turn can be given up", async () => {
  const pipe = slowPipe();
  const stdin = new CommandStdin({ stream: pipe.stream });
  const first = stdin.write({ data: bytes("first!") });
  const controller = new AbortController();
  const second = stdin.write({ data: bytes("second") }, controller.signal);
  controller.abort(new Error("left"));
  await expect(second).rejects.toThrow("left");
  pipe.take();
  expect(await first).toEqual({ bytesWritten: 6, offset: 6 });
  expect(await stdin.write({ data: bytes("") })).toEqual({ bytesWritten: 0, offset: 6 });
  expect(pipe.taken).toEqual(["first!"]);
});

test("a command that goes does not fail the write it did not read", async () => {
  const pipe = slowPipe();
  const stdin = new CommandStdin({ stream: pipe.stream });
  const write = stdin.write({ data: bytes("unread") });
  await new Promise(setImmediate);
  pipe.stream.destroy();
  expect(await write).toEqual({ bytesWritten: 6, offset: 6 });
});

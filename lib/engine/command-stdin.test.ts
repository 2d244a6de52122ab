import { PassThrough } from "node:stream";
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

import { Readable } from "node:stream";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { errorFrame, messageFrame, readFrames } from "./frames.ts";

async function bodiesOf(chunks: Buffer[]): Promise<Buffer[]> {
  const bodies: Buffer[] = [];
  for await (const body of readFrames(Readable.from(chunks))) bodies.push(body);
  return bodies;
}

test("gives the bodies of frames, however the bytes were cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 300 })),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      async (bodies, sizes) => {
        const bytes = Buffer.concat(bodies.map((body) => messageFrame(Buffer.from(body))));
        const chunks: Buffer[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length]!;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(await bodiesOf(chunks)).toEqual(bodies.map((body) => Buffer.from(body)));
      },
    ),
  );
});

test("ends at the last frame", async () => {
  const bytes = [
    messageFrame(Buffer.from("a")),
    errorFrame(400, "no"),
    messageFrame(Buffer.from("b")),
  ];
  expect(await bodiesOf(bytes)).toEqual([Buffer.from("a")]);
});

test("refuses what is no frame", async () => {
  await expect(bodiesOf([Buffer.from([0xff, 0xff, 0xff, 0])])).rejects.toThrow(RangeError);
  await expect(bodiesOf([Buffer.from([0, 0, 0, 0])])).rejects.toThrow(RangeError);
  const compressed = messageFrame(Buffer.from("a"));
  compressed[3] = 0x20;
  await expect(bodiesOf([compressed])).rejects.toThrow("Compressed");
});

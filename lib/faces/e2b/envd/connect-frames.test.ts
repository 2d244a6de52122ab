import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeFrames, encodeFrame, type Frame } from "./connect-frames.ts";

const RUNS = { numRuns: Number(process.env["FUZZ_RUNS"] ?? 200) };
const LIMIT = { limitBytes: 1_000 };
const decoder = new TextDecoder();

/** The bytes, cut wherever a number happens to fall. */
async function* cut(bytes: Uint8Array, anywhere: number[]): AsyncGenerator<Uint8Array, void, void> {
  const places = anywhere.map((number) => number % (bytes.byteLength + 1));
  let from = 0;
  for (const place of places.sort((a, b) => a - b)) {
    yield bytes.subarray(from, place);
    from = place;
  }
  yield bytes.subarray(from);
}

async function decode(body: AsyncIterable<Uint8Array>, limit = LIMIT) {
  const messages: { message: unknown; end: boolean }[] = [];
  for await (const { payload, end } of decodeFrames(body, limit)) {
    messages.push({ message: JSON.parse(decoder.decode(payload)), end });
  }
  return messages;
}

const Message = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 2 }), {
  maxKeys: 3,
});

test("messages come out as they went in, whatever pieces they arrive in", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ message: Message, end: fc.boolean() }), { maxLength: 8 }),
      fc.array(fc.nat(4_000), { maxLength: 30 }),
      async (sent, places) => {
        const bytes = Buffer.concat(sent.map(({ message, end }) => encodeFrame(message, { end })));
        const expected = JSON.parse(JSON.stringify(sent)) as unknown;
        expect(await decode(cut(bytes, places), { limitBytes: 100_000 })).toEqual(expected);
      },
    ),
    RUNS,
  );
});

test("a body that stops in the middle of a message is refused, after the messages before it", async () => {
  await fc.assert(
    fc.asyncProperty(Message, fc.nat(), async (message, where) => {
      const whole = encodeFrame({ first: 1 });
      const frame = encodeFrame(message);
      const bytes = Buffer.concat([whole, frame.subarray(0, 1 + (where % (frame.byteLength - 1)))]);
      const seen: Frame[] = [];
      const reading = (async () => {
        for await (const each of decodeFrames(cut(bytes, []), { limitBytes: 100_000 })) {
          seen.push(each);
        }
      })();
      await expect(reading).rejects.toMatchObject({ code: "invalid_argument" });
      expect(seen).toHaveLength(1);
    }),
    RUNS,
  );
});

test("any bytes give messages or a refusal, and never more than was sent", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.nat(200), { maxLength: 5 }),
      async (bytes, places) => {
        let payload = 0;
        try {
          for await (const frame of decodeFrames(cut(bytes, places), LIMIT)) {
            payload += frame.payload.byteLength + 5;
          }
        } catch (error) {
          expect(error).toMatchObject({ name: "Refusal" });
        }
        expect(payload).toBeLessThanOrEqual(bytes.byteLength);
      },
    ),
    RUNS,
  );
});

test.each([
  { what: "a compressed message", bytes: [1, 0, 0, 0, 0], code: "unimplemented" },
  { what: "flags that mean nothing", bytes: [8, 0, 0, 0, 0], code: "invalid_argument" },
  { what: "a message over the limit", bytes: [0, 0, 1, 0, 0], code: "resource_exhausted" },
  { what: "half a prefix", bytes: [0, 0], code: "invalid_argument" },
])("$what is refused", async ({ bytes, code }) => {
  await expect(decode(cut(Uint8Array.from(bytes), []))).rejects.toMatchObject({ code });
});

test("a message over the limit is refused by its prefix alone", async () => {
  async function* endless(): AsyncGenerator<Uint8Array, void, void> {
    yield Uint8Array.from([0, 255, 255, 255, 255]);
    throw new Error("more was read");
  }
  await expect(decode(endless())).rejects.toMatchObject({ code: "resource_exhausted" });
});

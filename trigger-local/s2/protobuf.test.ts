import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decodeAppendInput, encodeAppendAck } from "./protobuf.ts";

// AppendInput of two records: { headers: [["k", "v"]], body: "hé" } at 300 ms, and a trim to 258.
const INPUT = Buffer.from(
  "0a10" +
    "08ac02" +
    "1206" +
    "0a016b" +
    "120176" +
    "1a03" +
    "68c3a9" +
    "0a12" +
    "1206" +
    "1204" +
    "7472696d" +
    "1a08" +
    "0000000000000102",
  "hex",
);

test("reads the records of an append", () => {
  expect(decodeAppendInput(INPUT)).toEqual([
    { headers: [["k", "v"]], body: "hé" },
    { headers: [["", "trim"]], body: "\0\0\0\0\0\0\u0001\u0002" },
  ]);
  expect(decodeAppendInput(Buffer.alloc(0))).toEqual([]);
});

test("refuses bytes that are no message, and always comes to an end", () => {
  for (let length = 1; length < 18; length++) {
    expect(() => decodeAppendInput(INPUT.subarray(0, length))).toThrow(RangeError);
  }
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      try {
        decodeAppendInput(Buffer.from(bytes));
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
  );
});

test("acknowledges from where to where, also beyond 32 bits", () => {
  const ack = encodeAppendAck({ start: 300, end: 2 ** 40 });
  // start { seq_num: 300, … }
  expect(ack.subarray(0, 5).toString("hex")).toMatch(/^0a..08ac02$/);
  // end and tail { seq_num: 2^40, … }
  expect(ack.toString("hex").split("0880808080" + "8020")).toHaveLength(3);
});

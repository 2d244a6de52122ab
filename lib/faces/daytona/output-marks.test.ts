import fc from "fast-check";
import { expect, test } from "vitest";
import { OutputMarks } from "./output-marks.ts";

const OUT = "\u0001\u0001\u0001";
const ERR = "\u0002\u0002\u0002";

test("marks each line, also one that comes in pieces or is broken into", () => {
  const marks = new OutputMarks();
  const pieces = [
    marks.add("stdout", "one\ntwo"),
    marks.add("stdout", " goes on\n"),
    marks.add("stdout", "three"),
    marks.add("stderr", "broke in"),
    marks.add("stdout", " still three\n\n"),
    marks.add("stderr", "\n"),
  ];
  expect(pieces).toEqual([
    `${OUT}one\n${OUT}two`,
    " goes on\n",
    `${OUT}three`,
    `${ERR}broke in`,
    `${OUT} still three\n${OUT}\n`,
    `${ERR}\n`,
  ]);
});

test("what is marked can be told apart again", () => {
  const stream = fc.constantFrom("stdout" as const, "stderr" as const);
  // The vendor's clients cannot tell a mark from the same bytes in the output.
  const text = fc.string({ unit: fc.constantFrom("a", "\n", "é") });
  fc.assert(
    fc.property(fc.array(fc.tuple(stream, text)), (chunks) => {
      const marks = new OutputMarks();
      const wire = chunks.map(([of, data]) => marks.add(of, data)).join("");
      const found = { stdout: "", stderr: "" };
      // oxlint-disable-next-line no-control-regex -- marks are control characters
      for (const [, mark, data = ""] of wire.matchAll(/(\u0001{3}|\u0002{3})([^\u0001\u0002]*)/g)) {
        found[mark === OUT ? "stdout" : "stderr"] += data;
      }
      const sent = { stdout: "", stderr: "" };
      for (const [of, data] of chunks) sent[of] += data;
      expect(found).toEqual(sent);
    }),
  );
});

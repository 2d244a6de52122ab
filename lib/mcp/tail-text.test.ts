import fc from "fast-check";
import { expect, test } from "vitest";
import { TailText } from "./tail-text.ts";

function tailOf(pieces: readonly string[], limit: number): TailText {
  const tail = new TailText(limit);
  for (const piece of pieces) tail.append(piece);
  return tail;
}

test("keeps a short text whole", () => {
  const tail = tailOf(["one\n", "two\n"], 100);
  expect({ text: tail.toString(), dropped: tail.droppedCharacters }).toEqual({
    text: "one\ntwo\n",
    dropped: 0,
  });
});

test("keeps the end of a long text, and counts what it dropped", () => {
  const tail = tailOf(["abc", "def", "ghi", "jkl"], 4);
  expect({ text: tail.toString(), dropped: tail.droppedCharacters }).toEqual({
    text: "ijkl",
    dropped: 8,
  });
});

test("is, with what it dropped, the whole text, however it came in pieces, and ends no character in its middle", () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: "grapheme" })),
      fc.integer({ min: 1, max: 20 }),
      (pieces, limit) => {
        const whole = pieces.join("");
        const tail = tailOf(pieces, limit);
        const text = tail.toString();
        expect(text).toBe(whole.slice(tail.droppedCharacters));
        expect(text.length).toBeLessThanOrEqual(limit);
        expect(text.isWellFormed()).toBe(true);
      },
    ),
  );
});

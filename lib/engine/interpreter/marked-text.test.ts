import fc from "fast-check";
import { expect, test } from "vitest";
import { MarkedText, type Piece } from "./marked-text.ts";

const RUNS = { numRuns: Number(process.env["FUZZ_RUNS"] ?? 300) };
const MARKER = "\0mark ";

/** Neighbouring texts as one: where they are cut is nobody's business. */
function joined(pieces: Piece[]): Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces) {
    const last = all.at(-1);
    if ("text" in piece && last && "text" in last)
      all[all.length - 1] = { text: last.text + piece.text };
    else all.push(piece);
  }
  return all.filter((piece) => !("text" in piece) || piece.text !== "");
}

const Text = fc.string({ unit: fc.constantFrom("\0", "m", "a", "\n", "k", " ", "é") });

test("texts and messages come out in order, wherever they are cut", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          Text.filter((text) => !text.includes(MARKER)).map((text) => ({ text })),
          fc.dictionary(fc.string(), fc.string()).map((message) => ({ message })),
        ),
      ),
      fc.array(fc.nat()),
      (given, cuts) => {
        // A text whose end is a marker's beginning is held back until more comes.
        const sent: Piece[] = joined([...given, { text: "." }]);
        const all = sent
          .map((piece) =>
            "message" in piece
              ? `${MARKER}${JSON.stringify(piece.message)}\n`
              : "text" in piece && piece.text,
          )
          .join("");
        fc.pre(all.split(MARKER).length - 1 === sent.filter((piece) => "message" in piece).length);
        const places = cuts.map((cut) => cut % (all.length + 1)).sort((a, b) => a - b);
        const marked = new MarkedText(MARKER);
        const pieces = [...places, all.length].flatMap((place, index) =>
          marked.push(all.slice(index === 0 ? 0 : places[index - 1], place)),
        );
        expect(joined(pieces)).toEqual(JSON.parse(JSON.stringify(sent)));
      },
    ),
    RUNS,
  );
});

test("a message that was cut is passed over, and what follows is read", () => {
  const marked = new MarkedText(MARKER);
  expect(marked.push(`${MARKER}{"half\n${MARKER}{"whole":1}\nrest`)).toEqual([
    { message: { whole: 1 } },
    { text: "rest" },
  ]);
});

test("a message over the limit is told of by its length alone, and what follows is read", () => {
  const marked = new MarkedText(MARKER, 10);
  expect(marked.push(`${MARKER}"12345678"\n${MARKER}"123456`)).toEqual([{ message: "12345678" }]);
  for (let index = 0; index < 5; index++) expect(marked.push("123456")).toEqual([]);
  expect(marked.push(`"\n${MARKER}1\nrest`)).toEqual([
    { droppedCharacters: 38 },
    { message: 1 },
    { text: "rest" },
  ]);
});

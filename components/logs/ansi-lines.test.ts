import { expect, test } from "vitest";
import { AnsiLines } from "./ansi-lines.ts";

const ESC = "\u001b";

function parse(...pieces: string[]): AnsiLines {
  const lines = new AnsiLines();
  for (const piece of pieces) lines.append(piece);
  return lines;
}

const texts = (lines: AnsiLines) => lines.lines.map(({ text }) => text);

test("lines come whole, wherever the pieces were cut", () => {
  expect(texts(parse("on", "e\ntw", "o\r", "\nthree"))).toEqual(["one", "two", "three"]);
});

test("colours last over pieces and lines until they are taken back", () => {
  const { lines } = parse(`${ESC}[31mred\nstill`, ` red${ESC}[0m plain`);
  expect(lines.map(({ spans }) => spans)).toEqual([
    [{ text: "red", className: "ansi-red" }],
    [
      { text: "still", className: "ansi-red" },
      { text: " red", className: "ansi-red" },
      { text: " plain" },
    ],
  ]);
});

test("an escape sequence that is cut in two is none of the text", () => {
  expect(parse(`a${ESC}`, `[1;32mb${ESC}[`, "0mc").lines[0]?.spans).toEqual([
    { text: "a" },
    { text: "b", className: "ansi-green", bold: true },
    { text: "c" },
  ]);
});

test("a progress bar is one line in its last state", () => {
  expect(texts(parse("10 %\r", "50 %\r100 %\ndone\n"))).toEqual(["100 %", "done"]);
});

test("what moves the cursor, erases or names the window is left out", () => {
  const text = `${ESC}]0;title\u0007a${ESC}[2K${ESC}[1Gb${ESC}[?25lc${ESC}[1A`;
  expect(texts(parse(text))).toEqual(["abc"]);
});

test("palette and true colours are exact", () => {
  const { lines } = parse(`${ESC}[38;5;208ma${ESC}[38;5;244mb${ESC}[38;2;1;2;3mc`);
  expect(lines[0]?.spans.map(({ color }) => color)).toEqual([
    "rgb(255, 135, 0)",
    "rgb(128, 128, 128)",
    "rgb(1, 2, 3)",
  ]);
});

test("markup in the output stays text", () => {
  expect(texts(parse("<b>&amp;</b>\n"))).toEqual(["<b>&amp;</b>"]);
});

test("an empty line is a line", () => {
  expect(texts(parse("a\n\nb\n"))).toEqual(["a", "", "b"]);
});

test("of output without end the newest lines are kept, and how many came before is known", () => {
  const lines = new AnsiLines();
  for (let thousand = 0; thousand < 230; thousand++) lines.append("x\n".repeat(1_000));
  lines.append("last");
  expect([lines.dropped + lines.lines.length, lines.dropped]).toEqual([230_001, 20_000]);
  expect(texts(lines).at(-1)).toBe("last");
});

test("lines that were taken are gone, and the one that still grows is not", () => {
  const lines = parse(`${ESC}[31ma${ESC}[0m\nb\nc`);
  expect(lines.take()).toBe("a\nb\n");
  lines.append("d\n");
  expect([lines.take(), lines.lines]).toEqual(["cd\n", []]);
});

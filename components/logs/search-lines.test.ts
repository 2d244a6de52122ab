import { expect, test } from "vitest";
import { searchLines } from "./search-lines.ts";

const lines = ["Error: no", "fine", "error error"].map((text) => ({ text, spans: [{ text }] }));

test("every place is found, whatever its case", () => {
  expect(searchLines(lines, "ERROR")).toEqual([
    { line: 0, at: 0 },
    { line: 2, at: 0 },
    { line: 2, at: 6 },
  ]);
});

test("nothing is found of nothing", () => {
  expect(searchLines(lines, "")).toEqual([]);
  expect(searchLines(lines, "missing")).toEqual([]);
});

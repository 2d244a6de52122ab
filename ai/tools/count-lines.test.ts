import { expect, test } from "vitest";
import { countChangedLines, countLines } from "./count-lines.ts";

test.each([
  ["", 0],
  ["a", 1],
  ["a\n", 1],
  ["a\nb", 2],
  ["\n", 1],
])("counts the lines of %j as an editor does", (text, lines) => {
  expect(countLines(text)).toBe(lines);
});

test.each([
  ["a\nb\nc", "a\nx\nb\nc", { added: 1, removed: 0 }],
  ["a\nb\nc", "a\nc", { added: 0, removed: 1 }],
  ["a\nb\nc", "a\ny\nc", { added: 1, removed: 1 }],
  ["a\na", "a\na\na", { added: 1, removed: 0 }],
  ["let", "const", { added: 1, removed: 1 }],
  ["a", "", { added: 0, removed: 1 }],
])("of %j becoming %j counts only what changed", (before, after, changed) => {
  expect(countChangedLines(before, after)).toEqual(changed);
});

import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { shellWord } from "./shell-word.ts";

test.each([
  "",
  "plain",
  "a b",
  "it's",
  "''",
  "$HOME `id` $(id)",
  'a "b" \\',
  "-n",
  "*",
  "é\n\tline",
])("a shell reads back %j", (text) => {
  const script = `printf %s ${shellWord(text)}`;
  expect(execFileSync("sh", ["-c", script], { encoding: "utf8" })).toBe(text);
});

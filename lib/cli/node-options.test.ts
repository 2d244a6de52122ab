import { expect, test } from "vitest";
import { withoutPreload, withPreload } from "./node-options.ts";

const MODULE = "file:///home/me/node_modules/sandlot/dist/register/index.js";

test("adds the module to what is there already", () => {
  expect(withPreload("--max-old-space-size=4096", MODULE)).toBe(
    `--max-old-space-size=4096 --import=${MODULE}`,
  );
});

test("names the module once, however often the lines are taken in", () => {
  const once = withPreload("", MODULE);
  expect(withPreload(once, MODULE)).toBe(once);
});

test("replaces another copy's module", () => {
  const other = withPreload("", "file:///elsewhere/sandlot/dist/register/index.js");
  expect(withPreload(other, MODULE)).toBe(`--import=${MODULE}`);
});

test("takes away only its own, and keeps quoted options whole", () => {
  const others = '--require "/a b/c.js" --import=file:///other/register/index.js';
  expect(withoutPreload(withPreload(others, MODULE), MODULE)).toBe(others);
});

test("leaves the package's other module alone", () => {
  const names = MODULE.replace("index", "names");
  const both = withPreload(withPreload("", MODULE), names);
  expect(both).toBe(`--import=${MODULE} --import=${names}`);
  expect(withoutPreload(both, MODULE)).toBe(`--import=${names}`);
  expect(withoutPreload(both, names)).toBe(`--import=${MODULE}`);
});

import { expect, test } from "vitest";
import { buildTree, visibleRows } from "./file-tree-model.ts";
import { moveFor } from "./tree-keys.ts";

const tree = buildTree(
  ["src/deep/x.ts", "src/a.ts", "b.ts"].map((path) => ({
    path,
    type: "file",
    sizeBytes: 1,
    modifiedAt: 1,
  })),
);
const rows = visibleRows(tree, new Set(["src"]));
const at = (path: string) => rows.findIndex(({ node }) => node.path === path);

test("each row knows its place among those of its folder", () => {
  expect(rows.map(({ node, position, siblings }) => [node.path, position, siblings])).toEqual([
    ["src", 1, 2],
    ["src/deep", 1, 2],
    ["src/a.ts", 2, 2],
    ["b.ts", 2, 2],
  ]);
});

test("up and down go along what is seen, Home and End to its ends", () => {
  const keys = ["ArrowDown", "ArrowUp", "Home", "End"];
  expect(keys.map((key) => moveFor(key, rows, at("src/deep")))).toEqual([
    { focus: "src/a.ts" },
    { focus: "src" },
    { focus: "src" },
    { focus: "b.ts" },
  ]);
  expect(moveFor("ArrowDown", rows, at("b.ts"))).toEqual({ focus: undefined });
});

test("right opens a folder and then goes into it; left closes it, or goes to the folder above", () => {
  expect(moveFor("ArrowRight", rows, at("src/deep"))).toEqual({ open: true });
  expect(moveFor("ArrowRight", rows, at("src"))).toEqual({ focus: "src/deep" });
  expect(moveFor("ArrowRight", rows, at("b.ts"))).toBeUndefined();
  expect(moveFor("ArrowLeft", rows, at("src"))).toEqual({ open: false });
  expect(moveFor("ArrowLeft", rows, at("src/a.ts"))).toEqual({ focus: "src" });
  expect(moveFor("ArrowLeft", rows, at("b.ts"))).toEqual({ focus: undefined });
});

test("other keys do nothing, nor do any where there are no rows", () => {
  expect([moveFor("x", rows, 0), moveFor("Enter", [], 0)]).toEqual([undefined, undefined]);
});

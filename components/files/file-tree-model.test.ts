import { expect, test } from "vitest";
import type { FileEntry } from "@/studio/contract/files.ts";
import { buildTree, parentsOf, visibleRows } from "./file-tree-model.ts";

const entry = (path: string, type: FileEntry["type"] = "file", unread = false): FileEntry => ({
  path,
  type,
  sizeBytes: 1,
  modifiedAt: 1,
  ...(unread ? { unread } : {}),
});

const tree = buildTree([
  entry("node_modules", "directory", true),
  entry("src", "directory"),
  entry("src/b10.ts"),
  entry("src/b9.ts"),
  entry("src/deep/x.ts"),
  entry("a.txt"),
]);

test("folders come first, names with numbers in their order, and missing folders are made up", () => {
  const rows = visibleRows(tree, new Set(["src", "src/deep"]));
  expect(rows.map(({ node, depth }) => `${" ".repeat(depth)}${node.path}`)).toEqual([
    "node_modules",
    "src",
    " src/deep",
    "  src/deep/x.ts",
    " src/b9.ts",
    " src/b10.ts",
    "a.txt",
  ]);
});

test("what is in a closed folder is not seen", () => {
  expect(visibleRows(tree, new Set()).map(({ node }) => node.path)).toEqual([
    "node_modules",
    "src",
    "a.txt",
  ]);
});

test("a folder that was not entered says so", () => {
  expect(tree.map(({ path, unread }) => [path, unread])).toEqual([
    ["node_modules", true],
    ["src", false],
    ["a.txt", false],
  ]);
});

test("the folders above a path are those to open", () => {
  expect(parentsOf("src/deep/x.ts")).toEqual(["src/deep", "src"]);
  expect(parentsOf("a.txt")).toEqual([]);
});

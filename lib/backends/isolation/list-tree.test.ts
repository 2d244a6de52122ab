import { lstatSync } from "node:fs";
import { realpath, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { confinedFileTree } from "./confined-directories.ts";
import { listTree } from "./list-tree.ts";
import { PathMap } from "./process/path-map.ts";

test("leaves out what is gone before it was looked at more closely, and nothing else", async () => {
  await using directory = await temporaryDirectory();
  for (const name of ["a", "b", "gone", "x", "y"]) await writeFile(join(directory.path, name), "");
  const tree = confinedFileTree(
    new PathMap({ hostRoot: await realpath(directory.path), argumentRoots: [] }),
  );
  const infos = await listTree(tree, "/", {
    depth: 1,
    async look(info, hostPath) {
      if (info.name === "gone") await rm(join(directory.path, "gone"));
      lstatSync(hostPath);
      return info;
    },
  });
  expect(infos.map(({ name }) => name)).toEqual(["a", "b", "x", "y"]);
});

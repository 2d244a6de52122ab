import { execFileSync } from "node:child_process";
import { readdir, realpath } from "node:fs/promises";
import { expect, test } from "vitest";
import { LIMITS } from "../../contract/limits.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { confinedFileTree } from "./confined-directories.ts";
import { PathMap } from "./process/path-map.ts";
import { removeAt } from "./remove-tree.ts";

test.skipIf(process.platform !== "linux")(
  "keeps in mind no path that is longer than one can be, however deep the tree goes (only Linux reaches further down)",
  async () => {
    await using directory = await temporaryDirectory();
    const name = "n".repeat(200);
    const dig = `for (1..60) { mkdir "${name}"; chdir "${name}" or die }`;
    execFileSync("perl", ["-e", dig], { cwd: directory.path });
    let longest = 0;
    const tree = {
      ...confinedFileTree(
        new PathMap({ hostRoot: await realpath(directory.path), argumentRoots: [] }),
      ),
      isMount(path: string) {
        longest = Math.max(longest, path.length);
        return false;
      },
    };
    await removeAt(tree, `/${name}`, { recursive: true });
    expect(await readdir(directory.path)).toEqual([]);
    expect(longest).toBeGreaterThan(LIMITS.pathLength);
    expect(longest).toBeLessThan(2 * LIMITS.pathLength);
  },
);

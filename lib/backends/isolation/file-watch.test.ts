import { realpath } from "node:fs/promises";
import { expect, test } from "vitest";
import { openPaths } from "../../testing/open-paths.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { confinedFileTree } from "./confined-directories.ts";
import { watchFiles } from "./file-watch.ts";
import { PathMap } from "./process/path-map.ts";

test.skipIf(process.platform !== "linux")(
  "holds nothing open when it was aborted before it had begun (only Linux tells what is open)",
  async () => {
    await using directory = await temporaryDirectory();
    const tree = confinedFileTree(
      new PathMap({ hostRoot: await realpath(directory.path), argumentRoots: [] }),
    );
    const stop = new AbortController();
    const watch = watchFiles(tree, "/", { recursive: true, signal: stop.signal });
    const begun = watch.next();
    stop.abort(new Error("enough"));
    await expect(begun).rejects.toThrow("enough");
    expect(openPaths()).not.toContain(await realpath(directory.path));
  },
);

import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeTree } from "../backends/isolation/file-tree.ts";

/** A fresh directory that goes, with all that is in it, when it is disposed of. */
export async function temporaryDirectory(
  parent: string = tmpdir(),
): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(parent, "sandlot-test-"));
  return { path, [Symbol.asyncDispose]: () => removeTree(path) };
}

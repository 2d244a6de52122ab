import { mkdir, readFile, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { TreeDescent } from "./tree-descent.ts";

const onLinux = process.platform === "linux";
const onlyLinux = "only Linux tells where a file was opened";

/** A tree with a directory beside it that no way down may come to. */
async function temporaryTree() {
  const directory = await temporaryDirectory();
  const [root, outside] = [join(directory.path, "root"), join(directory.path, "outside")];
  await mkdir(join(root, "d", "inner"), { recursive: true });
  await mkdir(join(outside, "inner"), { recursive: true });
  await writeFile(join(outside, "secret"), "secret");
  return { root, outside, [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose]() };
}

const names = async (descent: TreeDescent) => (await descent.names()).map(String).toSorted();

test.skipIf(!onLinux)(
  `goes into no link, and into no directory that became one (${onlyLinux})`,
  async () => {
    await using tree = await temporaryTree();
    using descent = new TreeDescent(tree.root);
    await rename(join(tree.root, "d"), join(tree.root, "gone"));
    await symlink(tree.outside, join(tree.root, "d"));
    expect(() => descent.enter(Buffer.from("d"))).toThrow(/ENOTDIR|ELOOP/);
    expect(await names(descent)).toEqual(["d", "gone"]);
  },
);

test.skipIf(!onLinux)(
  `stays in a directory that is moved away and replaced by a link (${onlyLinux})`,
  async () => {
    await using tree = await temporaryTree();
    using descent = new TreeDescent(tree.root);
    descent.enter(Buffer.from("d"));
    await rename(join(tree.root, "d"), join(tree.root, "gone"));
    await symlink(tree.outside, join(tree.root, "d"));
    expect(await names(descent)).toEqual(["inner"]);
    await writeFile(descent.pathOf(Buffer.from("made")), "x");
    expect(await readFile(join(tree.root, "gone", "made"), "utf8")).toBe("x");
    descent.leave();
    expect(await names(descent)).toEqual(["d", "gone"]);
  },
);

const DEEP = 200;

async function dig(root: string): Promise<string> {
  const path = join(root, ...Array.from({ length: DEEP }, () => "n"));
  await mkdir(path, { recursive: true });
  return path;
}

test.skipIf(!onLinux)(
  `comes back up from deeper than it holds directories open (${onlyLinux})`,
  async () => {
    await using tree = await temporaryTree();
    await dig(tree.root);
    using descent = new TreeDescent(tree.root);
    for (let step = 0; step < DEEP; step++) descent.enter(Buffer.from("n"));
    expect(await names(descent)).toEqual([]);
    for (let step = 0; step < DEEP; step++) {
      descent.leave();
      expect(await names(descent)).toContain("n");
    }
    expect(await names(descent)).toEqual(["d", "n"]);
  },
);

test.skipIf(!onLinux)(
  `says so when the way back leads elsewhere than it came from (${onlyLinux})`,
  async () => {
    await using tree = await temporaryTree();
    await dig(tree.root);
    using descent = new TreeDescent(tree.root);
    for (let step = 0; step < DEEP; step++) descent.enter(Buffer.from("n"));
    // Far above where directories are still held open.
    await rename(join(tree.root, "n", "n", "n"), join(tree.outside, "taken"));
    const climb = () => {
      for (let step = 0; step < DEEP; step++) descent.leave();
    };
    expect(climb).toThrow(/was moved away/);
    // And from there on nothing is reached by it at all.
    await expect(descent.names()).rejects.toThrow(/ENOTDIR/);
    expect(() => descent.enter(Buffer.from("inner"))).toThrow(/ENOTDIR/);
  },
);

import { execFileSync } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  ORDINARY_USER,
  ordinaryHome,
  runAsOrdinaryUser,
  whyNoOrdinaryUser,
} from "../../testing/ordinary-user.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { removeTree } from "./file-tree.ts";

/** Deeper than the longest path that the system takes; some of it is shut. */
const DEEP = `my $name = "d" x 200; for (1 .. 200) { mkdir $name or die $!; chdir $name or die $! }
  mkdir "shut"; mkdir "shut/inner"; open(my $file, ">", "shut/inner/file"); chmod 0, "shut/inner", "shut"`;

const makeDeep = (directory: string, user: { uid?: number; gid?: number } = {}) =>
  execFileSync("/usr/bin/perl", ["-e", DEEP], { cwd: directory, ...user });

test("a tree is deleted whose paths are longer than the system takes", async () => {
  await using directory = await temporaryDirectory();
  const tree = join(directory.path, "tree");
  await mkdir(tree);
  makeDeep(tree);
  await removeTree(tree);
  expect(await readdir(directory.path)).toEqual([]);
});

const reason = whyNoOrdinaryUser();

test.skipIf(reason !== undefined)(
  `an ordinary user deletes such a tree, too, whatever is shut in it${reason ? ` (not here: ${reason})` : ""}`,
  async () => {
    await using own = await ordinaryHome();
    const tree = join(own.path, "tree");
    execFileSync("mkdir", [tree], { ...ORDINARY_USER });
    makeDeep(tree, ORDINARY_USER);
    const file = JSON.stringify(new URL("./file-tree.ts", import.meta.url).href);
    const line = `await (await import(${file})).removeTree(${JSON.stringify(tree)})`;
    const program = [process.execPath, "--input-type=module", "--eval", line];
    expect((await runAsOrdinaryUser(program)).stderr).toBe("");
    expect(await readdir(own.path)).toEqual([]);
  },
);

test("what a directory that is deleted shares with others keeps its mode", async () => {
  await using directory = await temporaryDirectory();
  const tree = join(directory.path, "tree");
  const kept = join(directory.path, "kept");
  await mkdir(tree);
  await writeFile(kept, "shared", { mode: 0o400 });
  execFileSync("ln", [kept, join(tree, "shared")]);
  makeDeep(tree);
  await removeTree(tree);
  expect(execFileSync("stat", ["-c", "%a %h", kept], { encoding: "utf8" })).toBe("400 1\n");
});

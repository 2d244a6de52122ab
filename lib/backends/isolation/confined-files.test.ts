import { execFileSync } from "node:child_process";
import { renameSync, symlinkSync } from "node:fs";
import { lstat, mkdir, readdir, readFile, realpath, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { SandboxError } from "../../contract/errors.ts";
import { fileEntry } from "../../testing/isolation-bench.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { confinedFileTree } from "./confined-directories.ts";
import { ConfinedFiles } from "./confined-files.ts";
import { MetadataProcess } from "./file-metadata.ts";
import type { FileTree } from "./file-tree-port.ts";
import { PathMap } from "./process/path-map.ts";

/** What lies outside; nothing else in the test is as long. */
const SECRET = "secret of the outside";
const RUNS = Number(process.env["FUZZ_RUNS"] ?? 150);

function filesOf(user: FileTree): ConfinedFiles {
  return new ConfinedFiles({ user }, new MetadataProcess());
}

const name = fc.constantFrom("a", "b", "c", "d");
const relativePath = fc
  .array(fc.oneof({ weight: 3, arbitrary: name }, fc.constantFrom("..", ".", "")), {
    minLength: 1,
    maxLength: 6,
  })
  .map((parts) => parts.join("/"));

/** Something in a sandbox's tree; `OUT` stands for the directory outside. */
const thing = fc.record({
  at: fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
  target: fc.oneof(
    fc.constant("directory"),
    fc.constant("file"),
    relativePath,
    relativePath.map((path) => `/${path}`),
    relativePath.map((path) => `${"../".repeat(30)}${path}`),
    fc.constantFrom(
      "OUT",
      "OUT/secret",
      "OUT/new",
      "CLIMB/OUT",
      "CLIMB/OUT/secret",
      "/",
      "..",
      "../..",
      "ROOT/a",
    ),
  ),
});

async function plant(
  root: string,
  outside: string,
  { at, target }: { at: string; target: string },
) {
  const path = join(root, at);
  try {
    await mkdir(dirname(path), { recursive: true });
    if (target === "directory") await mkdir(path);
    else if (target === "file") await writeFile(path, "inside", { flag: "wx" });
    else {
      const climbing = target.replace("CLIMB", "..".repeat(1) + "/..".repeat(30));
      await symlink(climbing.replace("OUT", outside).replace("ROOT", root), path);
    }
  } catch {
    // Another thing is in the way, or a link leads nowhere: the tree is as it is.
  }
}

test("no sequence of paths and links reads or changes anything outside", async () => {
  const property = fc.asyncProperty(
    fc.array(thing, { maxLength: 12 }),
    fc.array(relativePath, { minLength: 1, maxLength: 8 }),
    async (things, paths) => {
      await using directory = await temporaryDirectory();
      const base = await realpath(directory.path);
      const [root, outside] = [join(base, "root"), join(base, "outside")];
      await mkdir(root);
      await mkdir(outside, { mode: 0o700 });
      await writeFile(join(outside, "secret"), SECRET);
      // Planting follows links as any program does: only what is planted inside counts.
      for (const each of things) {
        if (await isInside(root, dirname(join(root, each.at)))) await plant(root, outside, each);
      }
      const files = filesOf(confinedFileTree(new PathMap({ hostRoot: root, argumentRoots: [] })));
      for (const path of paths.map((one) => `/${one}`)) {
        const read = await attempt(() => files.read(path));
        if (read) {
          const chunks = await read.content.toArray();
          expect(Buffer.concat(chunks).toString()).not.toBe(SECRET);
        }
        await attempt(() => files.write(Readable.from([fileEntry(path, "written")])));
        await attempt(() => files.makeDirectory(`${path}/made`, { recursive: true }));
        await attempt(() => files.makeDirectory(path, { recursive: false }));
        const listed = await attempt(() => files.list(path, { depth: 4 }));
        // An absolute link leads to the same names inside, where its target may be made as a directory.
        expect(
          listed?.filter(({ size, type }) => type === "file" && size === SECRET.length) ?? [],
        ).toEqual([]);
        await attempt(() => files.stat(path));
        await attempt(() => files.setPermissions(path, { mode: 0o755 }));
        await attempt(() => files.move(path, paths[0] ?? "/a"));
        await attempt(() => files.move(`/${paths.at(-1)}`, `${path}/moved`));
        await attempt(() => files.remove(path, { recursive: true }));
      }
      expect((await lstat(outside)).mode & 0o777).toBe(0o700);
      expect(await readdir(outside)).toEqual(["secret"]);
      expect(await readFile(join(outside, "secret"), "utf8")).toBe(SECRET);
      expect((await readdir(base)).toSorted()).toEqual(["outside", "root"]);
    },
  );
  await fc.assert(property, { numRuns: RUNS });
}, 120_000);

test.skipIf(process.platform !== "linux")(
  "refuses a directory that became a link after it was looked at (only Linux tells where a file was opened)",
  async () => {
    await using directory = await temporaryDirectory();
    const base = await realpath(directory.path);
    const [root, outside] = [join(base, "root"), join(base, "outside")];
    await mkdir(join(root, "a", "b"), { recursive: true });
    await mkdir(join(outside, "b"), { recursive: true });
    const map = new PathMap({ hostRoot: root, argumentRoots: [] });
    let looks = 0;
    const files = filesOf(
      confinedFileTree({
        mounts: [],
        toSandbox: (path) => map.toSandbox(path),
        toHost(path) {
          // The third time asks for the whole of /a/b in order to open it; each part was looked at before.
          if (path === "/a/b" && ++looks === 3) {
            renameSync(join(root, "a"), join(root, "gone"));
            symlinkSync(outside, join(root, "a"));
          }
          return map.toHost(path);
        },
      }),
    );
    const written = files.write(Readable.from([fileEntry("/a/b/file", "escaped")]));
    await expect(written).rejects.toMatchObject({ code: "path_outside_sandbox" });
    expect(await readdir(join(outside, "b"))).toEqual([]);
  },
);

/** Only the failures that are promised count as answers. */
async function attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (SandboxError.is(error) && error.code !== "internal") return undefined;
    throw error;
  }
}

async function isInside(root: string, path: string): Promise<boolean> {
  for (let at = path; at.length > root.length; at = dirname(at)) {
    const stats = await lstat(at).catch(() => undefined);
    if (stats?.isSymbolicLink()) return false;
  }
  return true;
}

const isRoot = process.getuid?.() === 0 && process.platform === "linux";

test.skipIf(!isRoot)(
  "says storage_full when there is no room, and keeps no half (needs root, for a mount)",
  async () => {
    await using directory = await temporaryDirectory();
    const root = join(await realpath(directory.path), "small");
    await mkdir(root);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=256k", "tmpfs", root]);
    try {
      const files = filesOf(confinedFileTree(new PathMap({ hostRoot: root, argumentRoots: [] })));
      const written = files.write(
        Readable.from([fileEntry("/fits", "x"), fileEntry("/too/large", Buffer.alloc(1_000_000))]),
      );
      await expect(written).rejects.toMatchObject({ code: "storage_full" });
      expect(await readFile(join(root, "fits"), "utf8")).toBe("x");
      expect(await readdir(join(root, "too"))).toEqual([]);
    } finally {
      execFileSync("umount", [root]);
    }
  },
);

test("of two entries with the same name the later one wins, also when the first is slow", async () => {
  await using directory = await temporaryDirectory();
  let asked = 0;
  const tree: FileTree = {
    ...confinedFileTree(
      new PathMap({ hostRoot: await realpath(directory.path), argumentRoots: [] }),
    ),
    maker: {
      async makeFile({ directory: above, name: own }, { content }) {
        asked += 1;
        if (asked === 1) await delay(50);
        await writeFile(join(above, own), content, { flag: "wx" });
      },
      async makeDirectory() {
        throw new Error("there is nothing to make");
      },
    },
  };
  const large = Buffer.alloc(200_000, "x");
  await filesOf(tree).write(Readable.from([fileEntry("/f", "small"), fileEntry("/f", large)]));
  expect((await readFile(join(directory.path, "f"))).equals(large)).toBe(true);
});

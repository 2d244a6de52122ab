import { mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeRoot, numbered, openLayers, seenOn } from "../../../../testing/layers-bench.ts";
import { temporaryDirectory } from "../../../../testing/temporary-directory.ts";
import { writeRecord } from "../../state-folders.ts";

/** Layers in a folder of the test's own, and roots without a session. */
async function layersBench() {
  const directory = await temporaryDirectory();
  const { folders, layers: first } = await openLayers(directory.path);
  const opened = [first];
  return {
    folders,
    get layers() {
      return opened.at(-1) ?? first;
    },
    /** As the next engine would, after one that died. */
    async reopen() {
      const { layers } = await openLayers(directory.path);
      opened.push(layers);
      return layers;
    },
    /** A root on the snapshot, which writes one file of its own. */
    root(folder: string, on?: string): Promise<string[]> {
      return makeRoot({ folders, layers: this.layers }, { folder, on });
    },
    /** A chain of as many snapshots, `<name>1` being the first. */
    async chain(name: string, length: number, on?: string): Promise<string> {
      let last = on;
      for (let index = 1; index <= length; index++) {
        await this.root(`root-${name}${index}`, last);
        await this.layers.add(`${name}${index}`, { folder: `root-${name}${index}`, ownBytes: 1 });
        last = `${name}${index}`;
      }
      return last ?? "";
    },
    seen: (stack: readonly string[]) => seenOn(folders, stack),
    async [Symbol.asyncDispose]() {
      for (const each of opened) {
        each[Symbol.dispose]();
        await each.idle();
      }
      await directory[Symbol.asyncDispose]();
    },
  };
}

test("a stack that grows too deep becomes one layer, with all files", async () => {
  await using bench = await layersBench();
  const last = await bench.chain("s", 33);
  await bench.layers.idle();
  const stack = await bench.root("after", last);
  expect(stack).toEqual(["s33~merged"]);
  expect(await bench.seen(stack)).toEqual(numbered("root-s", 33));
  // What was below can be restored as before.
  expect(await bench.root("other", "s32")).toHaveLength(32);
});

test("the old layers go when nobody stands on them", async () => {
  await using bench = await layersBench();
  const last = await bench.chain("s", 33);
  const standing = await bench.layers.holdStackOf("s32", "standing");
  await bench.layers.idle();
  for (const id of numbered("s", 32)) await bench.layers.delete(id);
  expect((await bench.folders.list("snapshots")).toSorted()).toEqual(
    [...standing, last, "s33~merged"].toSorted(),
  );
  await bench.layers.release("standing");
  expect((await bench.folders.list("snapshots")).toSorted()).toEqual([last, "s33~merged"]);
  expect(await readdir(bench.folders.snapshot(last))).not.toContain("upper");
  await bench.layers.delete(last);
  expect(await bench.folders.list("snapshots")).toEqual([]);
});

test("a hundred snapshots on one another stay on a bounded stack", async () => {
  await using bench = await layersBench();
  let deepest = 0;
  let last: string | undefined;
  for (let index = 1; index <= 100; index++) {
    const stack = await bench.root(`root${index}`, last);
    deepest = Math.max(deepest, stack.length);
    last = `s${index}`;
    await bench.layers.add(last, { folder: `root${index}`, ownBytes: 1 });
  }
  expect(deepest).toBeLessThanOrEqual(48);
  await bench.layers.idle();
  const stack = await bench.root("end", last);
  expect(stack.length).toBeLessThanOrEqual(33);
  expect(await bench.seen(stack)).toEqual(numbered("root", 100));
});

test("a snapshot of a root that stands on what was made one stands on that one", async () => {
  await using bench = await layersBench();
  const last = await bench.chain("s", 33);
  const before = await bench.layers.holdStackOf(last, "early");
  await mkdir(join(bench.folders.root("early"), "upper", "root"), { recursive: true });
  await writeRecord(join(bench.folders.root("early"), "root.json"), { layers: before });
  await bench.layers.idle();
  await bench.layers.add("child", { folder: "early", ownBytes: 1 });
  const { layers } = JSON.parse(
    await readFile(join(bench.folders.snapshot("child"), "root.json"), "utf8"),
  ) as { layers: string[] };
  expect(layers).toEqual(["s33~merged"]);
  await bench.layers.delete(last);
  const reopened = await bench.reopen();
  expect(await reopened.holdStackOf("child", "again")).toEqual(["child", "s33~merged"]);
});

test("a size counts each layer of a snapshot's once, made one or not", async () => {
  await using bench = await layersBench();
  const last = await bench.chain("s", 33);
  expect(bench.layers.sizeOf("s32")).toBe(32);
  await bench.layers.idle();
  // What the files take on disk, as it was measured when they were made one.
  expect(bench.layers.sizeOf(last)).toBeGreaterThan(33);
  await bench.reopen();
  expect(bench.layers.sizeOf(last)).toBeGreaterThan(33);
  expect(bench.layers.sizeOf("s32")).toBe(32);
});

test("a snapshot that is deleted while it is made one leaves nothing", async () => {
  await using bench = await layersBench();
  const last = await bench.chain("s", 33);
  for (const id of ["s33", ...numbered("s", 32)]) await bench.layers.delete(id);
  await bench.layers.idle();
  expect(bench.layers.snapshotIds).not.toContain(last);
  await bench.reopen();
  expect(await bench.folders.list("snapshots")).toEqual([]);
});

test("an engine that died before the merged layer was in its place begins anew", async () => {
  await using bench = await layersBench();
  const last = await bench.chain("s", 33);
  bench.layers[Symbol.dispose]();
  await bench.layers.idle();
  await mkdir(bench.folders.temporary());
  const layers = await bench.reopen();
  expect(await bench.folders.list("snapshots")).toHaveLength(33);
  await layers.idle();
  expect(await layers.holdStackOf(last, "root")).toEqual(["s33~merged"]);
});

test("a merged layer that nobody came to stand on is cleared away, and made again", async () => {
  await using bench = await layersBench();
  const last = await bench.chain("s", 33);
  await bench.layers.idle();
  // As it was between the two steps.
  await writeRecord(join(bench.folders.snapshot(last), "snapshot.json"), { ownBytes: 1 });
  await mkdir(join(bench.folders.snapshot(last), "upper", "root"), { recursive: true });
  const layers = await bench.reopen();
  expect(await bench.folders.list("snapshots")).not.toContain("s33~merged");
  await layers.idle();
  expect(await layers.holdStackOf(last, "root")).toEqual(["s33~merged"]);
});

test("those above that were not told of a merged layer are told by the next engine", async () => {
  await using bench = await layersBench();
  const last = await bench.chain("s", 33);
  const old = await bench.layers.holdStackOf("s33", "standing");
  await bench.layers.idle();
  await bench.chain("t", 1, last);
  const file = join(bench.folders.snapshot("t1"), "root.json");
  const { layers: told } = JSON.parse(await readFile(file, "utf8")) as { layers: string[] };
  expect(told).toEqual(["s33~merged"]);
  await writeRecord(file, { layers: old });
  const layers = await bench.reopen();
  expect(await layers.holdStackOf("t1", "root")).toEqual(["t1", "s33~merged"]);
});

test("a deletion that was cut off half-way is finished by the next engine", async () => {
  await using bench = await layersBench();
  await bench.chain("s", 2);
  const directory = bench.folders.snapshot("s2");
  await rename(join(directory, "snapshot.json"), join(directory, "layer.json"));
  const layers = await bench.reopen();
  expect(layers.snapshotIds).toEqual(["s1"]);
  expect(await bench.folders.list("snapshots")).toEqual(["s1"]);
});

test("a capture that was cut off before the folder was moved can be done again", async () => {
  await using bench = await layersBench();
  await bench.chain("s", 1);
  await bench.root("root", "s1");
  await writeRecord(join(bench.folders.root("root"), "snapshot.json"), { ownBytes: 5 });
  const layers = await bench.reopen();
  expect(layers.snapshotIds).toEqual(["s1"]);
  await layers.add("s2", { folder: "root", ownBytes: 6 });
  expect(layers.sizeOf("s2")).toBe(7);
  expect(await layers.holdStackOf("s2", "next")).toEqual(["s2", "s1"]);
});

test("what cannot be made one stays as it is, and can be restored", async () => {
  await using bench = await layersBench();
  const last = await bench.chain("s", 32);
  await bench.root("broken", last);
  await rm(join(bench.folders.snapshot("s1"), "upper"), { recursive: true });
  await bench.layers.add("s33", { folder: "broken", ownBytes: 1 });
  await bench.layers.idle();
  expect(await bench.layers.holdStackOf("s33", "root")).toHaveLength(33);
  expect(await readdir(join(bench.folders.directory, "temporary"))).toEqual([]);
});

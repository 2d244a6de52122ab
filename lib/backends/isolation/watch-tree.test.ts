import { spawn, spawnSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, renameSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import { openPaths } from "../../testing/open-paths.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { TreeWatch } from "./watch-tree.ts";

const onLinux = process.platform === "linux";
const onlyLinux = "only Linux tells what this process has open";

/** What this process has open below a directory, which is not among it. */
function openBelow(directory: string): string[] {
  return openPaths().filter((path) => path.startsWith(`${directory}/`));
}

test.skipIf(!onLinux)(
  `looks into nothing that took the place of a descriptor when it was disposed of (${onlyLinux})`,
  async () => {
    await using directory = await temporaryDirectory();
    const [own, other] = [join(directory.path, "own"), join(directory.path, "other")];
    for (let each = 0; each < 500; each += 1) {
      for (const top of [own, other]) await mkdir(join(top, String(each)), { recursive: true });
    }
    const watch = new TreeWatch({
      start: own,
      recursive: true,
      guard: undefined,
      emit: () => undefined,
    });
    const begun = watch.begin();
    expect(openBelow(own).length).toBeGreaterThan(0);
    watch[Symbol.dispose]();
    // More than were closed: every number is taken again.
    const taken = Array.from({ length: 600 }, () => openSync(other, "r"));
    await begun;
    for (const descriptor of taken) closeSync(descriptor);
    expect([...openBelow(own), ...openBelow(other)]).toEqual([]);
  },
);

test.skipIf(!onLinux)(
  `goes into nothing that took the place of a descriptor when its directory had gone (${onlyLinux})`,
  async () => {
    await using directory = await temporaryDirectory();
    const at = (path: string) => join(directory.path, path);
    for (const path of ["own/d", "away", "other/sub"]) await mkdir(at(path), { recursive: true });
    const taken: number[] = [];
    const gone = Promise.withResolvers<void>();
    using watch = new TreeWatch({
      start: at("own"),
      recursive: true,
      guard: undefined,
      emit(event) {
        // Told of after the other: by then its descriptor is free.
        if (event === "dropped" || event.name !== "e") return;
        taken.push(openSync(at("other"), "r"));
        gone.resolve();
      },
    });
    await watch.begin();
    // All in one reading of the system's notices, that of the directory itself first.
    renameSync(at("own/d"), at("own/e"));
    renameSync(at("own/e"), at("own/d"));
    mkdirSync(at("own/d/sub"));
    renameSync(at("own/d"), at("away/d"));
    await gone.promise;
    await nextTurn();
    for (const descriptor of taken) closeSync(descriptor);
    expect(openBelow(at("other"))).toEqual([]);
  },
);

test.skipIf(!onLinux)(
  "follows a directory whose name another takes in the same moment (only Linux tells of both at once)",
  async () => {
    await using directory = await temporaryDirectory();
    const at = (path: string) => join(directory.path, path);
    for (const path of ["built/in", "next"]) await mkdir(at(path), { recursive: true });
    const told = new Set<string>();
    let changed = Promise.withResolvers<void>();
    using watch = new TreeWatch({
      start: directory.path,
      recursive: true,
      guard: undefined,
      emit(event) {
        told.add(event === "dropped" ? event : `${event.type} ${event.name}`);
        changed.resolve();
        changed = Promise.withResolvers();
      },
    });
    const until = async (words: string) => {
      while (!told.has(words)) await changed.promise;
    };
    await watch.begin();
    renameSync(at("built"), at("old"));
    renameSync(at("next"), at("built"));
    await until("rename next");
    await writeFile(at("built/new"), "");
    await until("create built/new");
    await writeFile(at("old/in/late"), "");
    await until("create old/in/late");
  },
);

/** A watch in a process of its own whose user may have no watches of the system's. */
function unwatchable(directory: string) {
  const modulePath = JSON.stringify(join(import.meta.dirname, "watch-tree.ts"));
  const program = `
    import { TreeWatch } from ${modulePath};
    const emit = (event) => console.log(event === "dropped" ? event : event.type + " " + event.name);
    const watch = new TreeWatch({ start: process.argv[1], recursive: true, guard: undefined, emit });
    await watch.begin();
    console.log("ready");
    process.stdin.on("end", () => watch[Symbol.dispose]()).resume();`;
  const shell = 'echo 0 > /proc/sys/user/max_inotify_watches && exec "$@"';
  const node = [process.execPath, "--input-type=module", "-e", program, directory];
  const child = spawn("unshare", ["-Ur", "sh", "-c", shell, "sh", ...node], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async until(last: string): Promise<string[]> {
      const all: string[] = [];
      while (all.at(-1) !== last) {
        const next = await lines.next();
        if (next.done) throw new Error(`ended before ${last}, after ${all.join()}`);
        all.push(next.value);
      }
      return all;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await lines.return?.();
    },
  };
}

const canBound = spawnSync("unshare", ["-Ur", "true"]).status === 0;

test.skipIf(!canBound)(
  "looks again and again where the system gives no watch (a user namespace is needed to have none)",
  async () => {
    await using directory = await temporaryDirectory();
    const at = (name: string) => join(directory.path, name);
    await writeFile(at("old"), "1");
    await mkdir(at("d"));
    await using watch = unwatchable(directory.path);
    await watch.until("ready");
    await writeFile(at("new"), "1");
    expect(await watch.until("create new")).toEqual(["create new"]);
    await writeFile(at("old"), "22");
    expect(await watch.until("write old")).toEqual(["write old"]);
    await rename(at("d"), at("e"));
    expect(await watch.until("create e")).toEqual(["rename d", "create e"]);
    await writeFile(at("e/f"), "1");
    expect(await watch.until("create e/f")).toEqual(["create e/f"]);
    await rm(at("new"));
    expect(await watch.until("remove new")).toEqual(["remove new"]);
  },
);

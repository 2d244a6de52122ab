import { spawn, spawnSync } from "node:child_process";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";

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
  30_000,
);

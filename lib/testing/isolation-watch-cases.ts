import { expect } from "vitest";
import type { FileEvent } from "../contract/file.ts";
import type { Root } from "../engine/ports.ts";
import { fileEntry, writeFiles } from "./isolation-bench.ts";
import type { IsolationCases } from "./isolation-suite.ts";
import { HERE } from "./listed-files.ts";

/** A watch that has begun, read one event after the other. */
async function beginWatch(
  root: Root,
  {
    path = HERE,
    recursive = false,
    signal,
  }: { path?: string; recursive?: boolean; signal?: AbortSignal } = {},
) {
  const events = root.files.watch(path, { recursive, ...(signal && { signal }) });
  expect(await events.next()).toEqual({ done: false, value: { type: "ready" } });
  return {
    events,
    /** Reads until an event of that kind, and gives all that came, as words. */
    async until(last: string): Promise<string[]> {
      const all: string[] = [];
      while (all.at(-1) !== last) {
        const next = await events.next();
        if (next.done) throw new Error(`ended before ${last}, after ${all.join()}`);
        all.push(wordsOf(next.value));
      }
      return all;
    },
    [Symbol.asyncDispose]: async () => void (await events.return()),
  };
}

function wordsOf(event: FileEvent): string {
  return "name" in event ? `${event.type} ${event.name}` : event.type;
}

export const watchCases: IsolationCases = {
  async "tells what commands do with files: made, written, changed, renamed, deleted"(bench) {
    const root = await bench.prepare();
    await bench.sh(root, "echo 1 > old");
    await using watch = await beginWatch(root);
    await bench.sh(root, "echo 1 > new");
    expect(await watch.until("write new")).toEqual(["create new", "write new"]);
    await bench.sh(root, "echo 22 >> old");
    expect(await watch.until("write old")).toEqual(["write old"]);
    await bench.sh(root, "chmod 600 old");
    expect(await watch.until("chmod old")).toEqual(["chmod old"]);
    await bench.sh(root, "mv old other");
    expect(await watch.until("create other")).toEqual(["rename old", "create other"]);
    await bench.sh(root, "mv other new");
    expect(await watch.until("create new")).toEqual(["rename other", "create new"]);
    await bench.sh(root, "rm new; mkdir d");
    expect(await watch.until("create d")).toEqual(["remove new", "create d"]);
    await bench.sh(root, "touch d/inner; rmdir d 2>/dev/null; rm -r d");
    expect(await watch.until("remove d")).toEqual(["remove d"]);
  },

  async "tells what the file API does, with absolute paths"(bench) {
    const root = await bench.prepare();
    await using watch = await beginWatch(root);
    await writeFiles(root, fileEntry(`${HERE}/f`, "x"));
    expect((await watch.events.next()).value).toEqual({
      type: "create",
      path: `${HERE}/f`,
      name: "f",
    });
    await watch.until("write f");
    await root.files.remove(`${HERE}/f`, { recursive: true });
    expect(await watch.until("remove f")).toEqual(["remove f"]);
  },

  async "sees all levels when it is asked to, also of what is made later"(bench) {
    const root = await bench.prepare();
    await bench.sh(root, "mkdir -p a/b");
    await using watch = await beginWatch(root, { recursive: true });
    await bench.sh(root, "touch a/b/f");
    expect(await watch.until("create a/b/f")).toContain("create a/b/f");
    await bench.sh(root, "mkdir -p x/y/z; echo 1 > x/y/z/g");
    const made = await watch.until("create x/y/z/g");
    expect(made).toEqual(expect.arrayContaining(["create x", "create x/y", "create x/y/z"]));
    await bench.sh(root, "mv x w; echo 2 >> w/y/z/g");
    const moved = await watch.until("write w/y/z/g");
    expect(moved).toEqual(expect.arrayContaining(["rename x", "create w"]));
    await bench.sh(root, "rm -r w a; touch last");
    const removed = await watch.until("create last");
    expect(removed).toEqual(expect.arrayContaining(["remove w/y/z/g", "remove w", "remove a"]));
  },

  async "ends when the directory is gone, and refuses what is none"(bench) {
    const root = await bench.prepare();
    await bench.sh(root, "mkdir -p d/e; touch f");
    await using watch = await beginWatch(root, { path: `${HERE}/d` });
    await bench.sh(root, "rm -r d");
    expect(await watch.until("remove e")).toEqual(["remove e"]);
    expect(await watch.events.next()).toEqual({ done: true, value: undefined });
    const none = root.files.watch(`${HERE}/none`, { recursive: false }).next();
    await expect(none).rejects.toMatchObject({ code: "file_not_found" });
    const file = root.files.watch(`${HERE}/f`, { recursive: false }).next();
    await expect(file).rejects.toMatchObject({ code: "directory_not_found" });
  },

  async "ends with the caller's reason"(bench) {
    const root = await bench.prepare();
    const stop = new AbortController();
    await using watch = await beginWatch(root, { signal: stop.signal });
    const next = watch.events.next();
    stop.abort(new Error("enough"));
    await expect(next).rejects.toThrow("enough");
  },

  async "says that events are missing to a reader that is slow"(bench) {
    const root = await bench.prepare();
    await using watch = await beginWatch(root);
    const many = 'for my $n (1..12000) { open my $f, \'>\', "f$n"; close $f; unlink "f$n" }';
    await bench.run(root, ["perl", "-e", `${many} open my $f, '>', 'last'`]);
    const all = await watch.until("dropped");
    expect(all.length).toBeGreaterThan(1_000);
    await bench.sh(root, "touch after");
    expect(await watch.until("create after")).toContain("create after");
  },

  async "follows no link that a command puts in a directory's place"(bench) {
    const root = await bench.prepare();
    await bench.sh(root, `mkdir d; ln -s ${bench.directory} to-outside`);
    await using watch = await beginWatch(root, { recursive: true });
    const swap = `for i in $(seq 40); do mkdir -p d/x; mv -T d e; ln -s ${bench.directory} d; rm d; mv -T e d; done; touch last`;
    await bench.sh(root, swap);
    const all = await watch.until("create last");
    expect(all.filter((event) => event.includes("isolation"))).toEqual([]);
    expect(all.filter((event) => event.includes("to-outside"))).toEqual([]);
  },
};

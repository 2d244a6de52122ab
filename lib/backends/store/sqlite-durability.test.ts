import { type ChildProcess, execFile } from "node:child_process";
import { once } from "node:events";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import type { Store } from "../../engine/ports.ts";
import { aDrive, aSandbox, aSession } from "../../testing/store-rows.ts";
import { startStoreWriter } from "../../testing/start-store-writer.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const run = promisify(execFile);

/** Ends the writer by SIGKILL after so many acknowledged rows; gives how many it acknowledged in all. */
async function killAfter(writer: ChildProcess, rows: number): Promise<number> {
  const ended = once(writer, "exit");
  let acknowledged = 0;
  if (!writer.stdout) throw new Error("the writer has no stdout");
  for await (const line of createInterface({ input: writer.stdout })) {
    acknowledged = Number(line) + 1;
    if (acknowledged === rows) writer.kill("SIGKILL");
  }
  await ended;
  return acknowledged;
}

test("a process that is killed while it writes loses no row that it acknowledged, and leaves none half", async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "state.db");
  const acknowledged = new Map<string, number>();
  for (const [round, rows] of [1, 40, 7, 350, 90].entries()) {
    const prefix = `round-${round}`;
    acknowledged.set(prefix, await killAfter(startStoreWriter(file, prefix), rows));
    const store = openSqliteStore({ file });
    const sandboxes = store.sandboxes.all().map(({ name }) => name);
    const sessions = store.sessions.all().map(({ sandboxName }) => sandboxName);
    store.close();
    expect(new Set(sessions)).toEqual(new Set(sandboxes));
    for (const [each, count] of acknowledged) {
      const kept = sandboxes.filter((name) => name.startsWith(`${each}-`)).length;
      // The last row may have been stored without its line getting out.
      expect([count, count + 1]).toContain(kept);
    }
  }
});

const mayMount = process.platform === "linux" && process.getuid?.() === 0;

test.skipIf(!mayMount)(
  "a full disk is said to be full, and costs nothing that was stored (mounts a tmpfs, so only as root on Linux)",
  async () => {
    await using disk = await smallDisk();
    const file = join(disk.path, "state.db");
    const ballast = join(disk.path, "ballast");
    await writeFile(ballast, Buffer.alloc(256 * 1_024));
    const full = expect.objectContaining({
      code: "storage_full",
      message: expect.stringContaining(file),
    });

    let store = openSqliteStore({ file });
    // A transaction whose work takes no notice of the error does not keep what still found room:
    // one row is larger than SQLite's cache, so that it is written, and fails, before the commit.
    const careless = () =>
      store.transaction(() => {
        try {
          store.sandboxes.put(aSandbox({ name: "large", env: { A: "x".repeat(4 * 1_024 ** 2) } }));
        } catch {
          // Goes on after `storage_full`.
        }
        store.sandboxes.put(aSandbox({ name: "small" }));
      });
    expect(careless).toThrow(full);
    expect(namesOf(store)).toEqual([]);

    const acknowledged = putUntilItThrows(store, full);
    expect(acknowledged.length).toBeGreaterThan(10);
    expect(namesOf(store)).toEqual(acknowledged);

    await rm(ballast);
    store.transaction(() => {
      store.sandboxes.put(aSandbox({ name: "zz-after" }));
      store.sessions.put(aSession());
    });
    store.close();
    store = openSqliteStore({ file });
    expect(namesOf(store)).toEqual([...acknowledged, "zz-after"]);
    store.close();
  },
);

test.skipIf(!mayMount).each(["a new file", "a file that was there"])(
  "a disk that was full before is said to be full for %s (mounts a tmpfs, so only as root on Linux)",
  async (which) => {
    await using disk = await smallDisk();
    const file = join(disk.path, "state.db");
    const stored = which === "a new file" ? [] : [aDrive()];
    if (stored.length > 0) {
      const store = openSqliteStore({ file });
      for (const drive of stored) store.drives.put(drive);
      store.close();
    }
    const ballast = join(disk.path, "ballast");
    // Takes all there is.
    await expect(writeFile(ballast, Buffer.alloc(1_024 ** 2))).rejects.toMatchObject({
      code: "ENOSPC",
    });
    expect(() => openSqliteStore({ file })).toThrow(
      expect.objectContaining({ code: "storage_full" }),
    );
    await rm(ballast);
    const store = openSqliteStore({ file });
    expect(store.drives.all()).toEqual(stored);
    store.drives.put(aDrive({ id: "drive_2" }));
    expect(store.drives.all()).toEqual([...stored, aDrive({ id: "drive_2" })]);
    store.close();
  },
);

test.skipIf(!mayMount)(
  "a disk with room for no more files is said to be full (mounts a tmpfs, so only as root on Linux)",
  async () => {
    // One for the root folder, one for the folder that is to be made.
    await using disk = await smallDisk("nr_inodes=2");
    expect(() => openSqliteStore({ file: join(disk.path, "folder", "state.db") })).toThrow(
      expect.objectContaining({ code: "storage_full" }),
    );
  },
);

function putUntilItThrows(store: Store, failure: unknown): string[] {
  const names: string[] = [];
  const putAll = () => {
    for (let index = 0; index < 2_000; index++) {
      const name = `box-${String(index).padStart(4, "0")}`;
      store.sandboxes.put(aSandbox({ name, env: { A: "x".repeat(900) } }));
      names.push(name);
    }
  };
  expect(putAll).toThrow(failure);
  return names;
}

function namesOf(store: Store): string[] {
  return store.sandboxes.all().map(({ name }) => name);
}

/** A disk of 960 KiB: a state file with its log takes about a third of that when it is new. */
async function smallDisk(...options: string[]): Promise<{ path: string } & AsyncDisposable> {
  const directory = await temporaryDirectory();
  const { path } = directory;
  await run("mount", ["-t", "tmpfs", "-o", ["size=960k", ...options].join(), "tmpfs", path]);
  return {
    path,
    async [Symbol.asyncDispose]() {
      await run("umount", [path]);
      await directory[Symbol.asyncDispose]();
    },
  };
}

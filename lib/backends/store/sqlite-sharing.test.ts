import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { startStoreWriter } from "../../testing/start-store-writer.ts";
import { aDrive } from "../../testing/store-rows.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { openSqliteStore } from "./sqlite-store.ts";

describe("a state file that others use too", () => {
  test("is waited for by a write, and shows what the other wrote", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "state.db");
    const one = openSqliteStore({ file });
    const two = openSqliteStore({ file });
    one.drives.put(aDrive());
    expect(two.drives.all()).toEqual([aDrive()]);
    const { released } = await holdBriefly(file);
    two.drives.put(aDrive({ id: "drive_2" }));
    expect(one.drives.all()).toHaveLength(2);
    await released;
    one.close();
    two.close();
  });

  test.skipIf(process.platform !== "linux")(
    "stays locked by its first store when this process opens it once more (reads /proc/locks of Linux)",
    async () => {
      await using directory = await temporaryDirectory();
      const file = join(directory.path, "state.db");
      const first = openSqliteStore({ file });
      expect(await countLocks(file)).toBe(1);
      // Without the lock, another process may take itself for the last that uses the file and
      // delete the log, and what the first store writes from then on goes where nobody can see it.
      const second = openSqliteStore({ file });
      expect(await countLocks(file)).toBe(1);
      second.close();
      expect(await countLocks(file)).toBe(1);
      first.close();
      expect(await countLocks(file)).toBe(0);
    },
  );

  test("is waited for by one that opens it for the first time", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "state.db");
    const { released } = await holdBriefly(file);
    const store = openSqliteStore({ file });
    store.drives.put(aDrive());
    await released;
    expect(store.drives.all()).toEqual([aDrive()]);
    store.close();
  });

  test("loses nothing of processes that make and fill it at the same time", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "state.db");
    const writers = ["a", "b", "c", "d"].map((prefix) => startStoreWriter(file, prefix, "50"));
    const codes = await Promise.all(
      writers.map(async (writer) => {
        writer.stdout?.resume();
        const [code] = await once(writer, "exit");
        return code;
      }),
    );
    expect(codes).toEqual([0, 0, 0, 0]);
    const store = openSqliteStore({ file });
    for (const value of ["a", "b", "c", "d"]) {
      expect(store.sandboxes.all({ tags: { writer: value } })).toHaveLength(50);
    }
    expect(store.sessions.all()).toHaveLength(200);
    store.close();
  });
});

/** How many locks there are on the file, by any process. */
async function countLocks(file: string): Promise<number> {
  const [{ ino }, locks] = await Promise.all([stat(file), readFile("/proc/locks", "utf8")]);
  return locks.split("\n").filter((line) => line.includes(`:${ino} `)).length;
}

/** Another process takes the right to write and keeps it for longer than an unwaiting writer would bear. */
async function holdBriefly(file: string): Promise<{ released: Promise<unknown> }> {
  const script = `
    const { DatabaseSync } = require("node:sqlite");
    const database = new DatabaseSync(process.argv[1]);
    database.exec("BEGIN IMMEDIATE");
    console.log("held");
    setTimeout(() => database.exec("COMMIT"), 300);`;
  const holder = spawn(process.execPath, ["--no-warnings", "-e", script, file]);
  const released = once(holder, "exit");
  await once(holder.stdout, "data");
  return { released };
}

import { chmod, copyFile, open, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, test } from "vitest";
import { SandboxError } from "../../contract/errors.ts";
import { aDrive, aSandbox } from "../../testing/store-rows.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { MIGRATIONS } from "./migrations.ts";
import { openStateFile } from "./open-state-file.ts";
import { openSqliteStore } from "./sqlite-store.ts";

/** A folder with the path of a state file in it. */
async function temporaryFile(): Promise<{ file: string; folder: string } & AsyncDisposable> {
  const directory = await temporaryDirectory();
  return {
    folder: directory.path,
    file: join(directory.path, "state.db"),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

/** Fills a state file with enough rows for many pages, and closes it. */
function fill(file: string): void {
  const store = openSqliteStore({ file });
  store.transaction(() => {
    for (let index = 0; index < 500; index++)
      store.sandboxes.put(aSandbox({ name: `box-${index}` }));
  });
  store.close();
}

async function contents(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).filter((name) => !name.endsWith("-shm"));
  const entries = names.map(async (name): Promise<[string, string]> => [
    name,
    await readFile(join(folder, name), "base64"),
  ]);
  return Object.fromEntries(await Promise.all(entries));
}

/** What opening the file and reading all of it throws. */
function failure(file: string): SandboxError {
  try {
    const store = openSqliteStore({ file });
    try {
      store.sandboxes.all();
    } finally {
      store.close();
    }
  } catch (error) {
    if (SandboxError.is(error)) return error;
    throw error;
  }
  throw new Error(`${file} was opened and read`);
}

describe("a state file", () => {
  test("is made with its folder, for its user alone", async () => {
    await using temporary = await temporaryFile();
    const folder = join(temporary.folder, "a", "b");
    const store = openSqliteStore({ file: join(folder, "state.db") });
    store.drives.put(aDrive());
    const modes = await Promise.all(
      [folder, ...(await readdir(folder)).map((name) => join(folder, name))].map(
        async (path) => (await stat(path)).mode & 0o777,
      ),
    );
    store.close();
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o600]);
  });

  test("keeps its rows when it is closed and opened again", async () => {
    await using temporary = await temporaryFile();
    fill(temporary.file);
    const store = openSqliteStore({ file: temporary.file });
    expect(store.sandboxes.all()).toHaveLength(500);
    store.close();
  });

  test("is made anew where its process was killed while it made it", async () => {
    await using temporary = await temporaryFile();
    const { file, folder } = temporary;
    // The very first write turns the log on. What was killed then has left the page, and beside it the journal that
    // says that the file had none before.
    const database = new DatabaseSync(file);
    database.exec("PRAGMA journal_mode = WAL");
    database.close();
    const journal = Buffer.alloc(512);
    journal.write("d9d505f920a163d7", "hex");
    journal.writeUInt32BE(512, 20);
    journal.writeUInt32BE(4_096, 24);
    await writeFile(`${file}-journal`, journal);
    const store = openSqliteStore({ file });
    store.drives.put(aDrive());
    expect(store.drives.all()).toEqual([aDrive()]);
    store.close();
    expect(await readdir(folder)).toEqual(["state.db"]);
  });
});

describe("a state file that cannot be used", () => {
  const DAMAGES: Record<string, (file: string) => Promise<void>> = {
    "something else entirely": (file) => writeFile(file, "not a database ".repeat(1_000)),
    "a short text": (file) => writeFile(file, "hello"),
    "a file cut off in the middle": async (file) => {
      await using handle = await open(file, "r+");
      await handle.truncate(Math.floor((await handle.stat()).size / 2));
    },
    "pages overwritten with noise": async (file) => {
      await using handle = await open(file, "r+");
      const { size } = await handle.stat();
      for (let at = 8_192; at < size; at += 16_384) {
        await handle.write(Buffer.alloc(2_048, 0xa5), 0, 2_048, at);
      }
    },
    "a header overwritten after its first line": async (file) => {
      await using handle = await open(file, "r+");
      await handle.write(Buffer.alloc(84, 0xff), 0, 84, 16);
    },
    "a row that is no JSON": async (file) => {
      const database = new DatabaseSync(file);
      database.exec(`UPDATE sandboxes SET document = 'oops' WHERE key = 'box-7'`);
      database.close();
    },
    "a row of the wrong shape": async (file) => {
      const database = new DatabaseSync(file);
      database.exec(`UPDATE sandboxes SET document = '{"name":"box-7"}' WHERE key = 'box-7'`);
      database.close();
    },
    "an empty file beside a log of writes": async (file) => {
      await writeFile(`${file}-wal`, "what was written last");
      await writeFile(file, "");
    },
    "no file beside a log of writes": async (file) => {
      await writeFile(`${file}-wal`, "what was written last");
      await rm(file);
    },
  };

  test.each(Object.entries(DAMAGES))("is refused and left as it is: %s", async (_, damage) => {
    await using temporary = await temporaryFile();
    const { file, folder } = temporary;
    fill(file);
    await damage(file);
    const before = await contents(folder);
    const error = failure(file);
    expect(error.code).toBe("state_corrupt");
    expect(error.message).toContain(`The state file ${file} is damaged`);
    expect(error.message).toContain("Nothing was deleted");
    expect(error.message).toContain("move it away");
    expect(withoutEmpty(await contents(folder))).toEqual(withoutEmpty(before));
  });

  test("is refused before anything is read or written when a page of it is noise", async () => {
    await using temporary = await temporaryFile();
    const { file } = temporary;
    fill(file);
    await DAMAGES["pages overwritten with noise"]?.(file);
    expect(() => openSqliteStore({ file })).toThrow(
      expect.objectContaining({ code: "state_corrupt" }),
    );
  });

  test("names the row that cannot be read, and still gives the others", async () => {
    await using temporary = await temporaryFile();
    const { file } = temporary;
    fill(file);
    await DAMAGES["a row of the wrong shape"]?.(file);
    const store = openSqliteStore({ file });
    expect(() => store.sandboxes.get("box-7")).toThrow('the record "box-7" of sandboxes');
    expect(store.sandboxes.get("box-8")?.name).toBe("box-8");
    store.close();
  });

  test("keeps what a killed process left in the log when it is refused for its version", async () => {
    await using temporary = await temporaryFile();
    const { file, folder } = temporary;
    // Copied while it is open, as a kill would leave it: the newest writes are in the log only.
    const source = join(folder, "source.db");
    const database = openStateFile(source, [...MIGRATIONS, "CREATE TABLE later (key TEXT)"]);
    await copyFile(source, file);
    await copyFile(`${source}-wal`, `${file}-wal`);
    database.close();
    await rm(source);
    const before = await contents(folder);
    expect(before["state.db-wal"]).not.toBe("");
    const error = failure(file);
    expect(error.code).toBe("state_corrupt");
    expect(error.message).toContain("was written by a newer version");
    expect(await contents(folder)).toEqual(before);
  });

  test("is refused when a newer version wrote it, and can be used by that one again", async () => {
    await using temporary = await temporaryFile();
    const { file, folder } = temporary;
    fill(file);
    const newer = [...MIGRATIONS, "CREATE TABLE later (key TEXT)"];
    openStateFile(file, newer).close();
    const before = await contents(folder);
    const error = failure(file);
    expect(error.code).toBe("state_corrupt");
    expect(error.message).toBe(
      `The state file ${file} has version ${MIGRATIONS.length + 1} and was written by a newer version of this program, which knows versions up to ${MIGRATIONS.length}. Nothing was deleted or changed. Update this program, or give it another state folder.`,
    );
    expect(withoutEmpty(await contents(folder))).toEqual(before);
    openStateFile(file, newer).close();
  });

  test("is refused when it is another program's database", async () => {
    await using temporary = await temporaryFile();
    const { file, folder } = temporary;
    const database = new DatabaseSync(file);
    database.exec("CREATE TABLE theirs (a)");
    database.close();
    const before = await contents(folder);
    const error = failure(file);
    expect(error.code).toBe("state_corrupt");
    expect(error.message).toContain("is a database of another program");
    expect(withoutEmpty(await contents(folder))).toEqual(before);
  });

  test("is refused with its name when there is a folder in its place", async () => {
    await using temporary = await temporaryFile();
    expect(failureOf(() => openSqliteStore({ file: temporary.folder }))).toMatchObject({
      code: "engine_unavailable",
      message: expect.stringContaining(temporary.folder),
    });
  });

  test.skipIf(process.getuid?.() === 0)(
    "is refused when it may not be written (not as root, whom no mode stops)",
    async () => {
      await using temporary = await temporaryFile();
      fill(temporary.file);
      await chmod(temporary.file, 0o400);
      expect(failure(temporary.file).code).toBe("engine_unavailable");
    },
  );
});

function failureOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** A log that holds nothing may come and go: SQLite makes one for whoever looks into a file. */
function withoutEmpty(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([, content]) => content !== ""));
}

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "./open-database.ts";

async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "sandlot-database-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test("says which folder cannot be written to, and what to do", async () => {
  await using folder = await temporaryFolder();
  const home = join(folder.path, "home");
  await writeFile(home, "no folder");
  const open = () => openDatabase(join(home, "studio.sqlite"));
  expect(open).toThrow(expect.objectContaining({ name: "StudioError", code: "internal" }));
  expect(open).toThrow(`keeps its projects in ${home}, which it cannot write to`);
  expect(open).toThrow("SANDLOT_HOME");
});

test("leaves the file of a newer studio alone", async () => {
  await using folder = await temporaryFolder();
  const file = join(folder.path, "studio.sqlite");
  const database = openDatabase(file);
  database.exec("PRAGMA user_version = 999");
  database.close();
  expect(() => openDatabase(file)).toThrow("was written by a newer version of the studio");
});

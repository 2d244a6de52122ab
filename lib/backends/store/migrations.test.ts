import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TABLES } from "../../engine/tables.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { aBuild, aSandbox, aSecret } from "../../testing/store-rows.ts";
import { MIGRATIONS } from "./migrations.ts";
import { openStateFile } from "./open-state-file.ts";
import { openSqliteStore } from "./sqlite-store.ts";

describe("migrations", () => {
  test("run in order from the version of the file, and only once", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "state.db");
    const first = "CREATE TABLE steps (step); INSERT INTO steps VALUES (1)";
    const later = ["INSERT INTO steps VALUES (2)", "INSERT INTO steps VALUES (3)"];
    openStateFile(file, [first]).close();
    openStateFile(file, [first, ...later]).close();
    const database = openStateFile(file, [first, ...later]);
    expect(
      database
        .prepare("SELECT step FROM steps")
        .all()
        .map((row) => row["step"]),
    ).toEqual([1, 2, 3]);
    expect(database.prepare("PRAGMA user_version").get()).toEqual({ user_version: 3 });
    database.close();
  });

  test("leave the file at its old version when one of them fails", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "state.db");
    const first = "CREATE TABLE steps (step); INSERT INTO steps VALUES (1)";
    openStateFile(file, [first]).close();
    const broken = [first, "INSERT INTO steps VALUES (2)", "INSERT INTO nowhere VALUES (3)"];
    expect(() => openStateFile(file, broken)).toThrow(
      expect.objectContaining({ code: "internal" }),
    );
    const database = openStateFile(file, [first]);
    expect(database.prepare("SELECT step FROM steps").all()).toEqual([{ step: 1 }]);
    database.close();
  });

  test("bring along what an older version has stored", async () => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "state.db");
    const old = openStateFile(file, MIGRATIONS.slice(0, 1));
    const { id: _id, user: _user, home: _home, onTimeout: _onTimeout, ...row } = aSandbox();
    const insert = old.prepare(
      `INSERT INTO sandboxes (key, status, region, createdAt, name, statusUpdatedAt, currentSnapshotId, document)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    for (const name of ["one", "two"]) {
      const document = JSON.stringify({ ...row, name });
      insert.run(name, row.status, row.region, row.createdAt, name, 1, -Infinity, document);
    }
    old.close();
    const first = openSqliteStore({ file });
    const [one, two] = first.sandboxes.all();
    first.close();
    const store = openSqliteStore({ file });
    expect(store.sandboxes.all()).toEqual([one, two]);
    expect(one).toEqual({
      ...aSandbox({ name: "one" }),
      id: expect.stringMatching(/^[a-z0-9]{20}$/),
    });
    expect(two?.id).not.toBe(one?.id);
    expect(store.sandboxes.all({ equals: { id: String(two?.id) } })).toEqual([two]);
    store.secrets.put(aSecret());
    store.builds.put(aBuild());
    expect([store.secrets.all(), store.builds.all()]).toEqual([[aSecret()], [aBuild()]]);
    store.close();
  });

  test("give a column for each field that the tables declare, and an index for each order", async () => {
    await using directory = await temporaryDirectory();
    const database = openStateFile(join(directory.path, "state.db"));
    for (const { name, filters, sorts } of Object.values(TABLES)) {
      const rows = database.prepare(`SELECT name FROM pragma_table_info('${name}')`).all();
      expect(rows.map((row) => row["name"])).toEqual(
        expect.arrayContaining([...filters, ...sorts]),
      );
      for (const field of sorts) {
        const plan = database
          .prepare(
            `EXPLAIN QUERY PLAN SELECT document FROM ${name} WHERE ("${field}", key) > (1, '') ORDER BY "${field}", key`,
          )
          .all();
        expect(plan.map((row) => row["detail"])).toEqual([
          expect.stringMatching(/^SEARCH .* USING INDEX/),
        ]);
      }
    }
    database.close();
  });
});

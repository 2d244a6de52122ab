import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TABLES } from "../../engine/tables.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { openStateFile } from "./open-state-file.ts";

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

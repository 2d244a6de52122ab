import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../lib/testing/temporary-directory.ts";
import { Database } from "./open-database.ts";

test("opens a file once at a time, and says who has it", async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "platform.db");
  {
    using _first = new Database(file);
    expect(() => new Database(file)).toThrow(/^Another local platform has .* open\./);
  }
  using again = new Database(file);
  expect(again.list("SELECT id FROM runs")).toEqual([]);
});

test("does not touch the file of a newer version", async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "platform.db");
  {
    using database = new Database(file);
    database.run("PRAGMA user_version = 99");
  }
  expect(() => new Database(file)).toThrow("written by a newer version");
});

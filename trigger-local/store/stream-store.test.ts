import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../lib/testing/temporary-directory.ts";
import { Database } from "./open-database.ts";
import { StreamStore } from "./stream-store.ts";

const texts = (records: { body: string }[]) => records.map(({ body }) => body);

test("keeps records in order under numbers of their own, also when the file is opened again", async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "platform.db");
  const appended: string[] = [];
  {
    using database = new Database(file);
    const store = new StreamStore(database, (name) => appended.push(name));
    expect(store.append("a", [{ body: "0" }, { body: "1" }])).toEqual({ start: 0, end: 2 });
    expect(store.append("b", [{ body: "other" }])).toEqual({ start: 0, end: 1 });
  }
  using database = new Database(file);
  const store = new StreamStore(database, (name) => appended.push(name));
  expect(store.append("a", [{ body: "2", headers: [["k", "v"]] }])).toEqual({ start: 2, end: 3 });
  expect(appended).toEqual(["a", "b", "a"]);
  expect(store.read("a", 1, 1_000)).toEqual([
    { seq: 1, timestamp: expect.any(Number), headers: [], body: "1" },
    { seq: 2, timestamp: expect.any(Number), headers: [["k", "v"]], body: "2" },
  ]);
  expect([store.tail("a"), store.tail("none")]).toEqual([3, 0]);
});

test("appends a part once, however often its sender tries", () => {
  using database = new Database(":memory:");
  const store = new StreamStore(database, () => {});
  store.append("a", [{ body: "x", part: "p" }]);
  expect(store.append("a", [{ body: "x", part: "p" }])).toEqual({ start: 1, end: 1 });
  expect(texts(store.read("a", 0, 1_000))).toEqual(["x"]);
});

test("reads at least one record, and not many more bytes than were asked for", () => {
  using database = new Database(":memory:");
  const store = new StreamStore(database, () => {});
  store.append(
    "a",
    Array.from({ length: 40 }, (_, index) => ({ body: String(index).padStart(10, " ") })),
  );
  expect(store.read("a", 0, 1)).toHaveLength(1);
  expect(store.read("a", 0, 95)).toHaveLength(10);
  expect(store.read("a", 0, 10_000)).toHaveLength(40);
  expect(store.read("a", 38, 10_000)).toHaveLength(2);
  expect(store.read("a", 40, 10_000)).toEqual([]);
});

test("forgets what is before a trim", () => {
  using database = new Database(":memory:");
  const store = new StreamStore(database, () => {});
  store.append("a", [{ body: "0" }, { body: "1" }, { body: "2" }]);
  const point = Buffer.alloc(8);
  point.writeBigUInt64BE(2n);
  store.append("a", [{ headers: [["", "trim"]], body: point.toString("latin1") }]);
  expect(store.read("a", 0, 1_000).map(({ seq }) => seq)).toEqual([2, 3]);
});

import { expect, test } from "vitest";
import { Database } from "./open-database.ts";
import { prune } from "./prune.ts";
import { StreamStore } from "./stream-store.ts";
import { WaitpointStore } from "./waitpoint-store.ts";

const DAY_MS = 24 * 3_600_000;

test("deletes what has been over for 28 days, and nothing that somebody still waits for", () => {
  using database = new Database(":memory:");
  const streams = new StreamStore(database, () => {});
  const waitpoints = new WaitpointStore(database);
  streams.append("a", [{ body: "x" }]);
  for (const pending of [true, false]) {
    waitpoints.save({
      id: pending ? "open" : "done",
      type: "MANUAL",
      pending,
      createdAt: Date.now(),
      outputIsError: false,
      tags: [],
    });
  }
  const left = () => [
    streams.read("a", 0, 1).length,
    waitpoints.find("open") !== undefined,
    waitpoints.find("done") !== undefined,
  ];
  prune(database, Date.now() + 27 * DAY_MS);
  expect(left()).toEqual([1, true, true]);
  prune(database, Date.now() + 29 * DAY_MS);
  expect(left()).toEqual([0, true, false]);
  // The numbers go on where they were.
  expect(streams.append("a", [{ body: "y" }]).start).toBe(1);
});

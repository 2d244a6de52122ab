import { expect, test } from "vitest";
import { Underway } from "./underway.ts";

test("waits for one key's work or for all, also for work that fails", async () => {
  const underway = new Underway();
  const [a, b] = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
  const events: string[] = [];
  const results = [underway.run("a", () => a.promise), underway.run("b", () => b.promise)];
  const waiting = [
    underway.settled("a").then(() => events.push("a")),
    underway.settled().then(() => events.push("all")),
    underway.settled("other").then(() => events.push("other")),
  ];
  await waiting[2];
  expect(events).toEqual(["other"]);
  expect(underway.isEmpty).toBe(false);
  a.reject(new Error("a failed"));
  await expect(results[0]).rejects.toThrow("a failed");
  await waiting[0];
  expect(events).toEqual(["other", "a"]);
  b.resolve(2);
  expect(await results[1]).toBe(2);
  await waiting[1];
  expect(events).toEqual(["other", "a", "all"]);
  expect(underway.isEmpty).toBe(true);
});

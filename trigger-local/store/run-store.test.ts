import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../lib/testing/temporary-directory.ts";
import { Engine } from "../engine/engine.ts";
import { finishRun } from "../engine/finish.ts";
import { DEFAULT_ENGINE_OPTIONS } from "../engine/options.ts";
import { triggerRun } from "../engine/trigger-run.ts";
import { memoryPlatform } from "../testing/memory-platform.ts";

test("keeps runs, their payloads and outputs when the file is opened again", async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "platform.db");
  const ids: string[] = [];
  {
    using engine = new Engine(file, DEFAULT_ENGINE_OPTIONS);
    for (const payload of ['{"n":1}', '{"n":2}']) {
      ids.push(triggerRun(engine, { task: "task", body: { payload } }).run.id);
    }
    const done = engine.runs.find(ids[0]!)!;
    finishRun(engine, done, {
      status: "COMPLETED_SUCCESSFULLY",
      description: "done",
      output: "42",
      outputType: "application/json",
    });
  }
  using engine = new Engine(file, DEFAULT_ENGINE_OPTIONS);
  expect(engine.runs.unfinished().map(({ id }) => id)).toEqual([ids[1]]);
  expect(engine.runs.find(ids[0]!)?.status).toBe("COMPLETED_SUCCESSFULLY");
  expect(engine.runs.payload(ids[1]!)).toBe('{"n":2}');
  expect(engine.runs.output(ids[0]!)).toBe("42");
  expect(engine.runs.nextNumber()).toBe(3);
});

test("finds runs by tags, tasks and statuses, the newest first, a page at a time", async () => {
  await using platform = await memoryPlatform();
  const { engine } = platform;
  const trigger = (task: string, tags: string[]) =>
    triggerRun(engine, { task, body: { options: { tags } } }).run;
  trigger("a", ["x"]);
  trigger("b", ["x", "y"]);
  trigger("a", ["x", "y"]);
  const list = (filter: Parameters<typeof engine.runs.list>[0], page = {}) =>
    engine.runs.list(filter, { limit: 10, ...page }).map(({ number }) => number);
  expect(list({})).toEqual([3, 2, 1]);
  expect(list({ tags: ["x", "y"] })).toEqual([3, 2]);
  expect(list({ tasks: ["a"] })).toEqual([3, 1]);
  expect(list({ statuses: new Set(["PENDING"]), tags: ["y"], tasks: ["b"] })).toEqual([2]);
  expect(list({ statuses: new Set(["EXECUTING"]) })).toEqual([]);
  expect(list({ statuses: new Set() })).toEqual([]);
  expect(list({}, { limit: 2 })).toEqual([3, 2]);
  expect(list({}, { beforeNumber: 2 })).toEqual([1]);
});

test("gives what has changed since a revision, each run once, as it is now", async () => {
  await using platform = await memoryPlatform();
  const { engine } = platform;
  const [first, second] = ["a", "b"].map((task) => triggerRun(engine, { task, body: {} }).run);
  const before = engine.runs.revision;
  engine.runs.addTags(second!, ["late"]);
  engine.runs.addTags(first!, ["later"]);
  engine.runs.addTags(second!, ["last"]);
  expect(engine.runs.changedAfter(before, {}).map(({ task, tags }) => [task, tags])).toEqual([
    ["a", ["later"]],
    ["b", ["late", "last"]],
  ]);
  expect(engine.runs.changedAfter(engine.runs.revision, {})).toEqual([]);
});

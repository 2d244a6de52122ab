import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { watchDirectory } from "./watch-directory.ts";

test("tells which file changed", async () => {
  await using directory = await temporaryDirectory();
  const changed = Promise.withResolvers<string | null>();
  using watch = watchDirectory(directory.path, (file) => changed.resolve(file));
  expect(watch.reason).toBeUndefined();
  writeFileSync(join(directory.path, "stdout"), "x");
  expect(await changed.promise).toBe("stdout");
});

test("looks again and again where the system gives no watch, and says why", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "later");
  const calls: (string | null)[] = [];
  const twice = Promise.withResolvers<void>();
  const watch = watchDirectory(path, (file) => {
    calls.push(file);
    if (calls.length === 2) twice.resolve();
  });
  expect(watch.reason).toMatchObject({ code: "ENOENT" });
  mkdirSync(path);
  await twice.promise;
  watch[Symbol.dispose]();
  expect(calls).toEqual([null, null]);
});

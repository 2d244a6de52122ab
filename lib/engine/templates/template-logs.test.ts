import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { BuildLog, readBuildLog } from "./template-logs.ts";

test("a log is told while it grows, and read again from its file", async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "deep", "build.log");
  const log = new BuildLog({ file, now: () => 5 });
  const reading = log.read();
  const first = reading.next();
  log.add({ level: "info", message: "one", step: 0 });
  log.add({ level: "warn", message: "x".repeat(8_193) });
  const lines = [
    { at: 5, level: "info", message: "one", step: 0 },
    { at: 5, level: "warn", message: `${"x".repeat(8_192)}…` },
  ];
  expect((await first).value).toEqual(lines[0]);
  await log.flush();
  log.close();
  log.add({ level: "info", message: "too late" });
  expect((await reading.next()).value).toEqual(lines[1]);
  expect((await reading.next()).done).toBe(true);
  expect(await readBuildLog(file)).toEqual(lines);
});

test("a log that has no place on disk is told all the same, and fails nobody", async () => {
  await using directory = await temporaryDirectory();
  await writeFile(join(directory.path, "taken"), "");
  const log = new BuildLog({ file: join(directory.path, "taken", "build.log"), now: () => 5 });
  // When the same fails here, it has failed there, and the test runner tells of what nobody has taken.
  await expect(mkdir(join(directory.path, "taken"), { recursive: true })).rejects.toThrow();
  await turn();
  log.add({ level: "info", message: "one" });
  await log.flush();
  expect(log.lines).toEqual([{ at: 5, level: "info", message: "one" }]);
});

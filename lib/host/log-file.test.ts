import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { fileLog } from "./log-file.ts";

test("writes what the level lets through, for this user alone", async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "a.log");
  const log = fileLog(file, "warn");
  log.info("not this");
  log.warn("but this", { port: 80 });
  const lines = await readFile(file, "utf8");
  expect(lines.replace(/^\S+/, "TIME")).toBe('TIME warn but this {"port":80}\n');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
});

test("keeps its files small, and what it wrote last", async () => {
  await using directory = await temporaryDirectory();
  const file = join(directory.path, "a.log");
  const log = fileLog(file, "info");
  const text = "x".repeat(1_000);
  for (let count = 0; count < 3_000; count++) log.info(`${count} ${text}`);
  const sizes = await Promise.all([file, `${file}.1`].map(async (name) => (await stat(name)).size));
  expect(Math.max(...sizes)).toBeLessThan(1_100_000);
  expect(await readFile(file, "utf8")).toContain(" 2999 ");
});

test("does not end its writer when it cannot write", async () => {
  await using directory = await temporaryDirectory();
  const log = fileLog(join(directory.path, "none", "a.log"), "info");
  expect(() => log.info("lost")).not.toThrow();
});

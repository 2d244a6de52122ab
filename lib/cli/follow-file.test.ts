import { appendFile, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { followFile, lastLinesOf } from "./follow-file.ts";

let directory: string;
let file: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "sandlot-follow-"));
  file = join(directory, "log");
});
afterEach(() => rm(directory, { recursive: true }));

test("gives the last lines, and where the file ended", async () => {
  await writeFile(file, "one\ntwo\nthree\n");
  expect(await lastLinesOf(file, 2)).toEqual({ text: "two\nthree\n", end: 14 });
  expect(await lastLinesOf(file, 0)).toEqual({ text: "", end: 14 });
});

test("takes a file that is not there for an empty one", async () => {
  expect(await lastLinesOf(file, 5)).toEqual({ text: "", end: 0 });
});

test("follows what is appended, also into the file that takes its place, until it is told to end", async () => {
  await writeFile(file, "old\n");
  const ending = new AbortController();
  const following = followFile(file, { from: 4, signal: ending.signal });
  const until = async (wanted: string) => {
    let text = "";
    while (!text.includes(wanted)) {
      const next = await following.next();
      if (next.done) throw new Error(`ended after ${JSON.stringify(text)}`);
      text += next.value;
    }
    return text;
  };
  const first = until("new\n");
  await appendFile(file, "new\n");
  expect(await first).toBe("new\n");
  await rename(file, `${file}.1`);
  await writeFile(file, "n\n");
  expect(await until("n\n")).toBe("n\n");
  ending.abort();
  expect((await following.next()).done).toBe(true);
});

import { execFile } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { pipeline } from "node:stream/promises";
import { createWriteStream } from "node:fs";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { packRepository } from "./local-repository.ts";

const run = promisify(execFile);

test("packs a repository with all of its history, however late it is read", async () => {
  await using directory = await temporaryDirectory();
  const path = join(directory.path, "project");
  await mkdir(path);
  const git = (...args: string[]) =>
    run("git", ["-c", "user.name=t", "-c", "user.email=t@example.com", ...args], { cwd: path });
  await git("init", "--quiet", "--initial-branch=main");
  await writeFile(join(path, "file"), "text\n");
  await git("add", ".");
  await git("commit", "--quiet", "-m", "first");
  await git("tag", "v1");
  const archive = await packRepository(pathToFileURL(path));
  // tar has ended by then.
  await delay(300);
  const copy = join(directory.path, "copy");
  await mkdir(copy);
  await pipeline(archive, createWriteStream(join(directory.path, "copy.tar")));
  await run("tar", ["-C", copy, "-xf", join(directory.path, "copy.tar")]);
  const { stdout } = await run("git", ["-C", copy, "log", "--format=%s", "v1"]);
  expect(stdout).toBe("first\n");
});

test("says what git says", async () => {
  await using directory = await temporaryDirectory();
  await expect(packRepository(pathToFileURL(directory.path))).rejects.toMatchObject({
    code: "source_failed",
    message: expect.stringContaining("does not appear to be a git repository"),
  });
});

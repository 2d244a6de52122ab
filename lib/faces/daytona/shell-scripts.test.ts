import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { LINE_SCRIPT } from "./shell-scripts.ts";

test("a line that is given while the shell ends does not wait for it for ever", async () => {
  await using temporary = await temporaryDirectory();
  const [programs, meeting] = ["programs", "meeting"].map((name) => join(temporary.path, name));
  if (programs === undefined || meeting === undefined) throw new Error("there are two");
  await mkdir(programs);
  // The shell takes `next` away right after the line has seen it and made its pipes.
  const mkfifo = join(programs, "mkfifo");
  await writeFile(mkfifo, `#!/bin/sh\nPATH=$OWN_PATH; mkfifo "$@"; rm -f "$MEETING/next"\n`);
  await chmod(mkfifo, 0o755);
  const own = process.env["PATH"] ?? "";
  await mkdir(meeting);
  const made = spawn("mkfifo", [join(meeting, "next")]);
  await once(made, "close");
  const line = spawn("bash", ["-c", LINE_SCRIPT, "line", meeting, "one", "true", ""], {
    env: { PATH: `${programs}:${own}`, OWN_PATH: own, MEETING: meeting },
    stdio: "ignore",
    // Only one that waits for ever takes so long.
    timeout: 15_000,
  });
  expect(await once(line, "close")).toEqual([125, null]);
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { newId } from "../../std/ids.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { freezeTree, thawTree } from "./freeze-tree.ts";
import { killTree } from "./process-tree.ts";
import { SESSION_VARIABLE } from "./session-marks.ts";

test("whoever waits in the kernel for a child that is stopped is stopped, too, and both go on", async () => {
  await using directory = await temporaryDirectory();
  const sessionId = newId("sbx");
  const tree = () => ({ sessionId, recorders: new Set<number>() });
  const file = join(directory.path, "frozen.json");
  const sign = join(directory.path, "sign");
  // posix_spawn(3) has its parent wait by vfork(2) until the program runs: some freezes meet it right there.
  const program = `
    import os
    while True:
        os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
        open(${JSON.stringify(sign)}, "a").write("x")`;
  const child = spawn("python3", ["-c", program.replaceAll("\n    ", "\n")], {
    env: { PATH: process.env["PATH"] ?? "", [SESSION_VARIABLE]: sessionId },
    stdio: "ignore",
  });
  const ended = once(child, "exit");
  const length = async () => (await readFile(sign, "utf8").catch(() => "")).length; // Not there yet.
  try {
    for (let round = 0; round < 25; round += 1) {
      const before = await length();
      await expect.poll(length, { timeout: 10_000, interval: 5 }).toBeGreaterThan(before);
      await freezeTree(tree, file);
      const still = await length();
      expect(existsSync(file)).toBe(true);
      expect(await length()).toBe(still);
      await thawTree(tree, file);
      expect(existsSync(file)).toBe(false);
    }
  } finally {
    await killTree(tree());
    await ended;
  }
}, 60_000);

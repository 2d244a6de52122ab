import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { newId } from "../../std/ids.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { freezeTree, thawTree } from "./freeze-tree.ts";
import { killTree } from "./process-tree.ts";
import { SESSION_VARIABLE } from "./session-marks.ts";

interface Frozen {
  /** What it does, in Python, with the function `sign` that tells that it goes on. */
  program: string;
  rounds: number;
}

/** Stops a program and lets it go on, again and again. */
async function expectFreezes({ program, rounds }: Frozen): Promise<void> {
  await using directory = await temporaryDirectory();
  const sessionId = newId("sbx");
  const tree = () => ({ sessionId, recorders: new Set<number>() });
  const file = join(directory.path, "frozen.json");
  const sign = join(directory.path, "sign");
  const tell = `def sign():\n    open(${JSON.stringify(sign)}, "a").write("x")\n`;
  const child = spawn("python3", ["-c", tell + program], {
    env: { PATH: process.env["PATH"] ?? "", [SESSION_VARIABLE]: sessionId },
    stdio: "ignore",
  });
  const ended = once(child, "exit");
  const length = async () => (await readFile(sign, "utf8").catch(() => "")).length; // Not there yet.
  try {
    for (let round = 0; round < rounds; round += 1) {
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
}

const only = "only Linux has marks";

describe.skipIf(process.platform !== "linux")(`a tree that is stopped (${only})`, () => {
  test("has also whoever waits in the kernel for a child that is, and both go on", async () => {
    // posix_spawn(3) has its parent wait by vfork(2) until the program runs: some freezes meet it right there.
    const program = `
import os
while True:
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)
    sign()`;
    await expectFreezes({ program, rounds: 25 });
  });

  test("has also whoever is held by a debugger", async () => {
    const program = `
import ctypes, os, signal, time
child = os.fork()
if child == 0:
    ctypes.CDLL(None).ptrace(0, 0, 0, 0)
    os.kill(os.getpid(), signal.SIGUSR1)
os.waitpid(child, 0)
while True:
    time.sleep(0.005)
    sign()`;
    await expectFreezes({ program, rounds: 2 });
  });
});

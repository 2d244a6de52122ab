import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import type { Root } from "../engine/ports.ts";
import { newId } from "../std/ids.ts";
import { type IsolationBench, readText, untilOutput } from "./isolation-bench.ts";
import type { IsolationCases } from "./isolation-suite.ts";
import { openTerminal } from "./isolation-terminal-cases.ts";

/** Many times what any of the programs below waits between two steps. */
const LONG_MS = 150;

/** Grows for as long as anybody in the sandbox runs. */
const COUNTING = "echo begun; while :; do echo x >> grown; sleep 0.005; done";

async function sizeOf(root: Root): Promise<number> {
  return (await readText(root, "/vercel/sandbox/grown").catch(() => "")).length;
}

async function expectStill(root: Root): Promise<void> {
  const before = await sizeOf(root);
  expect(before).toBeGreaterThan(0);
  await delay(LONG_MS);
  expect(await sizeOf(root)).toBe(before);
}

async function expectGrowing(root: Root): Promise<void> {
  const before = await sizeOf(root);
  await expect.poll(() => sizeOf(root)).toBeGreaterThan(before);
}

async function startCounting(bench: IsolationBench, root: Root, line = COUNTING) {
  const counting = await bench.start(root, ["sh", "-c", line]);
  await untilOutput(counting.directory, "begun");
  await expectGrowing(root);
  return counting;
}

/** Stopping everything in its tracks, and letting it go on. */
export const pauseCases: IsolationCases = {
  async "stops everything in its tracks, and lets it go on"(bench) {
    const root = await bench.prepare();
    const counting = await startCounting(bench, root);
    await root.freeze();
    await expectStill(root);
    expect((await root.usage()).cpuMs).toBeGreaterThanOrEqual(0);
    await root.freeze();
    await expectStill(root);
    await root.thaw();
    await expectGrowing(root);
    await root.thaw();
    await counting.signal(constants.signals.SIGTERM);
    expect(await counting.exited).toEqual({ exitCode: 143 });
  },

  async "stops also what multiplies, and what cut itself loose"(bench) {
    const root = await bench.prepare();
    const breeding =
      "echo begun; for i in 1 2 3 4 5; do (while :; do (echo x >> grown; sleep 0.01) & wait; done) & done; " +
      `env -i PATH="$PATH" setsid sh -c 'while :; do echo x >> grown; sleep 0.005; done' & wait`;
    await startCounting(bench, root, breeding);
    await root.freeze();
    await expectStill(root);
    await root.thaw();
    await expectGrowing(root);
  },

  async "leaves stopped what its own program had stopped"(bench) {
    const root = await bench.prepare();
    const line = "echo begun; kill -STOP $$; echo on > on";
    const stopped = await bench.start(root, ["sh", "-c", line]);
    await untilOutput(stopped.directory, "begun");
    const isStopped = `ps -o state= -p ${await stopped.findPid()} | grep -q T`;
    await bench.sh(root, `until ${isStopped}; do sleep 0.01; done`);
    await root.freeze();
    await root.thaw();
    await delay(LONG_MS);
    await expect(readText(root, "/vercel/sandbox/on")).rejects.toMatchObject({
      code: "file_not_found",
    });
    await stopped.signal(constants.signals.SIGCONT);
    expect(await stopped.exited).toEqual({ exitCode: 0 });
    expect(await readText(root, "/vercel/sandbox/on")).toBe("on\n");
  },

  async "ends what is frozen, which hears of it and has its time"(bench) {
    const root = await bench.prepare();
    const line = "trap 'echo bye > bye; exit 3' TERM; echo begun; while :; do sleep 0.05; done";
    const trapping = await bench.start(root, ["sh", "-c", line]);
    await untilOutput(trapping.directory, "begun");
    await root.freeze();
    await root.halt({ graceMs: 20_000 });
    expect(await trapping.exited).toEqual({ exitCode: 3 });
    const snapshotId = newId("snap");
    await root.capture(snapshotId);
    const resumed = await bench.prepare({ snapshotId });
    expect(await readText(resumed, "/vercel/sandbox/bye")).toBe("bye\n");
  },

  async "ends what is frozen at once where there is no time"(bench) {
    const root = await bench.prepare();
    const counting = await startCounting(bench, root);
    await root.freeze();
    await root.halt({ graceMs: 0 });
    expect(await counting.exited).toEqual({ exitCode: 137 });
    await root.remove();
  },

  async "keeps a terminal, and the shell on it goes on as if nothing had been"(bench) {
    const root = await bench.prepare();
    const { terminal, until } = await openTerminal(bench, root);
    await until("> ");
    for (const round of [1, 2, 3]) {
      terminal.write(Buffer.from("sleep 0.1; echo a$(echo b)" + `${round}\r`));
      await root.freeze();
      await root.thaw();
      await until(`ab${round}`);
    }
    terminal.write(Buffer.from("exit 7\r"));
    expect(await terminal.exited).toEqual({ exitCode: 7 });
  },

  async "makes a snapshot of what is frozen, and what runs goes on as if nothing had been"(bench) {
    const base = await bench.prepare();
    await bench.sh(base, "echo old > deleted; mkdir shut; echo in > shut/in; echo x > swapped");
    await base.halt({ graceMs: 0 });
    const below = newId("snap");
    await base.capture(below);
    const root = await bench.prepare({ snapshotId: below });
    await bench.sh(root, "rm -r deleted shut swapped; mkdir shut swapped; echo new > shut/new");
    await bench.sh(root, "ln -s shut/new link; echo mine > private; chmod 000 private");
    await startCounting(bench, root);
    await root.freeze();
    const copied = newId("snap");
    expect((await root.copy(copied)).sizeBytes).toBeGreaterThan(0);
    await root.thaw();
    await expectGrowing(root);
    await bench.sh(root, "echo later > later");
    expect(await bench.isolation.measureSnapshot(copied)).toEqual({
      sizeBytes: expect.any(Number),
    });
    await bench.isolation.deleteSnapshot(below);
    const line = "ls -p; cat link; ls shut; stat -c %a private; stat -c %U shut";
    const forks = [
      await bench.prepare({ snapshotId: copied }),
      await bench.prepare({ snapshotId: copied }),
    ];
    await bench.isolation.deleteSnapshot(copied);
    for (const fork of forks) {
      const { stdout } = await bench.sh(fork, line);
      const owner = (await bench.sh(root, "stat -c %U shut")).stdout.trim();
      expect(stdout).toBe(`grown\nlink\nprivate\nshut/\nswapped/\nnew\nnew\n0\n${owner}\n`);
    }
  },

  async "is found frozen by whoever takes it up again, and goes on for that"(bench) {
    const root = await bench.prepare();
    await startCounting(bench, root);
    await root.freeze();
    const adopted = await bench.isolation.adopt(root.handle);
    if (!adopted) throw new Error("nothing to adopt");
    expect(adopted.isAlive).toBe(true);
    // What the engine says of its network waits for nobody inside.
    await adopted.applyNetworkPolicy({ mode: "deny-all" });
    await adopted.freeze();
    await expectStill(adopted);
    await adopted.thaw();
    await expectGrowing(adopted);
  },
};

import { randomInt } from "node:crypto";
import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { expect } from "vitest";
import type { IsolationBench } from "./isolation-bench.ts";
import { readText, untilOutput } from "./isolation-bench.ts";
import type { IsolationCases } from "./isolation-suite.ts";
import type { Process, Root } from "../engine/ports.ts";

const { SIGINT, SIGKILL, SIGSTOP, SIGTERM } = constants.signals;

// A process that runs shows by a growing file, wherever it hides; its pid may mean something else outside.
const BEAT = "while :; do echo >> beat; sleep 0.02; done";

/** Whether nothing beats any more: of what still runs, each does so every 20 ms. */
async function isSilent(root: Root): Promise<boolean> {
  const before = await beats(root);
  await delay(200);
  return (await beats(root)) === before;
}

async function beats(root: Root): Promise<number> {
  return (await readText(root, "/vercel/sandbox/beat")).length;
}

async function startBeating(bench: IsolationBench, root: Root, line: string): Promise<Process> {
  const command = await bench.start(root, ["sh", "-c", line, "sh", BEAT]);
  await untilOutput(command.directory, "ready\n");
  // From its first beat on there is something to be ended.
  while ((await beats(root).catch(() => 0)) === 0) await delay(5);
  return command;
}

const DAEMONS: Record<string, string> = {
  "a child in the background": 'sh -c "$1" & echo ready; wait',
  "a child in a session of its own": 'setsid sh -c "$1" & echo ready; wait',
  "a daemon whose parents have all ended":
    '(setsid sh -c \'(sh -c "$1" >/dev/null 2>&1 &) &\' sh "$1" &); echo ready; sleep 60',
  "a daemon that cleared its variables":
    '(env -i setsid sh -c \'(sh -c "$1" >/dev/null 2>&1 &) &\' sh "$1" &); echo ready; sleep 60',
};

const cases: IsolationCases = {
  async "reports 128+n after a signal"(bench) {
    const root = await bench.prepare();
    for (const signal of [SIGINT, SIGTERM, SIGKILL]) {
      const command = await bench.start(root, ["sleep", "60"]);
      await command.signal(signal);
      expect(await command.exited).toEqual({ exitCode: 128 + signal });
    }
  },

  async "records the code of a command that ends itself by a signal"(bench) {
    const root = await bench.prepare();
    for (const line of ["kill -9 $$", "kill -9 0", "kill 0"]) {
      const expected = line.includes("9") ? 137 : 143;
      expect(await bench.sh(root, line)).toEqual({ exitCode: expected, stdout: "", stderr: "" });
    }
  },

  async "delivers a signal that is sent right after the start"(bench) {
    const root = await bench.prepare();
    for (let round = 0; round < 20; round++) {
      const command = await bench.start(root, ["sleep", "60"]);
      await command.signal(round % 2 === 0 ? SIGTERM : SIGKILL);
      expect((await command.exited).exitCode).toBe(round % 2 === 0 ? 143 : 137);
    }
  },

  async "reaches with a signal what the command starts in the same moment"(bench) {
    const root = await bench.prepare();
    for (let round = 0; round < 5; round++) {
      const seconds = `6${round}.${randomInt(1e9)}`;
      const line = `echo ready; i=0; while [ $i -lt 200 ]; do sleep ${seconds} & i=$((i+1)); done; wait`;
      const command = await bench.start(root, ["sh", "-c", line]);
      await untilOutput(command.directory, "ready\n");
      await command.signal(SIGTERM);
      expect(await command.exited).toEqual({ exitCode: 143 });
      // The end of somebody else's child is no event; what the signal did not reach sleeps for a minute.
      const left = () => bench.sh(root, `ps -e -o args | grep -x "sleep ${seconds}"`);
      await expect.poll(left).toMatchObject({ stdout: "" });
    }
  },

  async "lets a command handle a signal and choose its own code"(bench) {
    const root = await bench.prepare();
    const line = "trap 'echo caught; exit 5' TERM; echo ready; while :; do sleep 0.01; done";
    const command = await bench.start(root, ["sh", "-c", line]);
    await untilOutput(command.directory, "ready\n");
    await command.signal(SIGTERM);
    expect(await command.exited).toEqual({ exitCode: 5 });
    expect(await untilOutput(command.directory, "ready\ncaught\n")).toBe("ready\ncaught\n");
  },

  async "takes a signal for a command that has ended"(bench) {
    const root = await bench.prepare();
    const command = await bench.start(root, ["true"]);
    await command.exited;
    await command.signal(SIGTERM);
    await command.signal(SIGKILL);
    expect(await command.exited).toEqual({ exitCode: 0 });
  },

  async "signals one command and leaves the others alone"(bench) {
    const root = await bench.prepare();
    const one = await bench.start(root, ["sleep", "60"]);
    const other = await bench.start(root, ["sh", "-c", "echo ready; read line; echo $line"], {
      stdin: true,
    });
    await untilOutput(other.directory, "ready\n");
    await one.signal(SIGKILL);
    await one.exited;
    other.stdin?.end("still here\n");
    expect(await other.exited).toEqual({ exitCode: 0 });
    expect(await untilOutput(other.directory, "ready\nstill here\n")).toBe("ready\nstill here\n");
  },

  async "ends what a command left behind after the command itself ended"(bench) {
    const root = await bench.prepare();
    const command = await startBeating(bench, root, '(setsid sh -c "$1" &); echo ready');
    expect(await command.exited).toEqual({ exitCode: 0 });
    await command.signal(SIGKILL);
    expect(await isSilent(root)).toBe(true);
  },

  async "ends processes that breed faster than they can be counted"(bench) {
    const root = await bench.prepare();
    // Each makes its successor and ends, half of them in a session of their own: no pid lives for long.
    const hop =
      "echo >> beat; case $1 in 0) exec sh hop 1;; *) (setsid sh hop 0 &); (sh hop 0 &);; esac";
    // Its own ones: without an isolation the machine's others are seen, too.
    const bounded = `[ "$(ps -e -o args= | grep -c "^sh hop")" -gt 400 ] && exec sleep 1\n${hop}`;
    await bench.run(root, ["sh", "-c", 'printf "%s\\n" "$1" > hop', "sh", bounded]);
    const command = await bench.start(root, ["sh", "-c", "sh hop 1; echo ready; sleep 60"]);
    await untilOutput(command.directory, "ready\n");
    await command.signal(SIGKILL);
    expect((await command.exited).exitCode).toBe(137);
    expect(await isSilent(root)).toBe(true);
  },

  async "ends a stopped command"(bench) {
    const root = await bench.prepare();
    const command = await startBeating(bench, root, 'echo ready; exec sh -c "$1"');
    await command.signal(SIGSTOP);
    expect(await isSilent(root)).toBe(true);
    await command.signal(SIGKILL);
    expect(await command.exited).toEqual({ exitCode: 137 });
  },

  async "halts by asking first"(bench) {
    const root = await bench.prepare();
    const line =
      "trap 'echo cleaned > cleaned; exit 3' TERM; echo ready; while :; do sleep 0.01; done";
    const command = await bench.start(root, ["sh", "-c", line]);
    await untilOutput(command.directory, "ready\n");
    await root.halt({ graceMs: 10_000 });
    expect(await command.exited).toEqual({ exitCode: 3 });
    expect(await readText(root, "/vercel/sandbox/cleaned")).toBe("cleaned\n");
  },

  async "halts by force what does not listen"(bench) {
    const root = await bench.prepare();
    const command = await startBeating(bench, root, `trap '' TERM; echo ready; eval "$1"`);
    await root.halt({ graceMs: 100 });
    expect(await command.exited).toEqual({ exitCode: 137 });
    expect(await isSilent(root)).toBe(true);
  },

  async "halts at once what has stopped itself"(bench) {
    const root = await bench.prepare();
    const command = await bench.start(root, ["sh", "-c", "echo ready; kill -STOP 0; sleep 60"]);
    await untilOutput(command.directory, "ready\n");
    await delay(100); // Stopping is no event that could be waited for.
    await root.halt({ graceMs: 0 });
    expect(await command.exited).toMatchObject({ exitCode: 137 });
  },

  async "halts twice, and keeps the files"(bench) {
    const root = await bench.prepare();
    await bench.sh(root, "echo kept > file");
    await root.halt({ graceMs: 0 });
    await root.halt({ graceMs: 1_000 });
    expect(await readText(root, "/vercel/sandbox/file")).toBe("kept\n");
  },

  async "leaves another session's processes alone"(bench) {
    const [one, other] = [await bench.prepare(), await bench.prepare()];
    await bench.start(one, ["sleep", "60"]);
    const survivor = await bench.start(other, ["cat"], { stdin: true });
    await one.halt({ graceMs: 0 });
    survivor.stdin?.end("alive");
    expect(await survivor.exited).toEqual({ exitCode: 0 });
    expect(await untilOutput(survivor.directory, "alive")).toBe("alive");
  },
};

for (const [what, line] of Object.entries(DAEMONS)) {
  cases[`kills with a command ${what}`] = async (bench) => {
    const root = await bench.prepare();
    const command = await startBeating(bench, root, line);
    await command.signal(SIGKILL);
    expect(await command.exited).toEqual({ exitCode: 137 });
    expect(await isSilent(root)).toBe(true);
  };
  cases[`halts with a session ${what}`] = async (bench) => {
    const root = await bench.prepare();
    await startBeating(bench, root, line);
    await root.halt({ graceMs: 0 });
    expect(await isSilent(root)).toBe(true);
  };
}

export const endingCases: IsolationCases = cases;

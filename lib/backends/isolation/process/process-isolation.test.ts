import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Isolation, Json } from "../../../engine/ports.ts";
import { Cleanup } from "../../../std/cleanup.ts";
import { IsolationBench, untilOutput } from "../../../testing/isolation-bench.ts";
import { whyNoUsers } from "../../../testing/isolation-root-file-cases.ts";
import { isolationSuite } from "../../../testing/isolation-suite.ts";
import { listLog } from "../../../testing/list-log.ts";
import {
  type IsolationHolder,
  startIsolationHolder,
} from "../../../testing/start-isolation-holder.ts";
import { temporaryDirectory } from "../../../testing/temporary-directory.ts";
import { RecorderHandle } from "../recorded-process.ts";
import { isRunning } from "../../../testing/is-running.ts";
import { processIsolation } from "./process-isolation.ts";
import { prepareRequest } from "../../../testing/prepare-request.ts";

const baseEnv = { PATH: process.env["PATH"] ?? "/usr/bin:/bin" };
const makeIsolation = (directory: string) => processIsolation({ directory, baseEnv });

isolationSuite("process isolation", {
  makeIsolation,
  excused: {
    ...(await whyNoUsers(makeIsolation)),
    "takes what the sandbox's root wrote about users for no more than the sandbox's root's":
      "it has no root, and no users of its own",
  },
});

/** Commands of an engine that was killed, seen from the next one. */
async function orphaned(
  lines: string[],
): Promise<AsyncDisposable & { held: IsolationHolder; isolation: Isolation; directory: string }> {
  const cleanup = new Cleanup();
  const directory = await temporaryDirectory();
  cleanup.add(() => directory[Symbol.asyncDispose]());
  const held = await startIsolationHolder(directory.path, lines);
  cleanup.add(() => held.kill());
  const isolation = makeIsolation(join(directory.path, "isolation"));
  cleanup.add(async () => (await isolation.adopt(held.root))?.halt({ graceMs: 0 }));
  return {
    held,
    isolation,
    directory: directory.path,
    [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
  };
}

async function adopted(isolation: Isolation, held: IsolationHolder, index = 0) {
  const root = await isolation.adopt(held.root);
  const command = held.commands[index];
  if (!root || !command) throw new Error("nothing to adopt");
  const process = await root.adoptProcess(command.handle, command);
  if (!process) throw new Error("the process is not known");
  return { root, process, directory: command.directory };
}

/** Waits for the end of a process that is another's child, for which there is no event. */
async function gone(pid: number): Promise<void> {
  while (isRunning(pid)) await delay(10);
}

const pidOf = (handle: Json) => RecorderHandle.parse(handle).pid;

describe("after kill -9 of the engine", () => {
  test("commands run on, and the next engine learns how they end", async () => {
    const go = "while [ ! -e go ]; do sleep 0.01; done";
    await using after = await orphaned([`echo begun; ${go}; echo ended; exit 7`]);
    const [command] = after.held.commands;
    await untilOutput(command!.directory, "begun\n");
    await after.held.kill();
    const { root, process, directory } = await adopted(after.isolation, after.held);
    await root.files.makeDirectory("/vercel/sandbox/go", { recursive: false });
    expect(await process.exited).toEqual({ exitCode: 7 });
    expect(await untilOutput(directory, "begun\nended\n")).toBe("begun\nended\n");
  });

  test("a signal that a command sends to its own group does not silence its recorder", async () => {
    await using after = await orphaned([
      "echo begun; while [ ! -e go ]; do sleep 0.01; done; kill 0",
    ]);
    await untilOutput(after.held.commands[0]!.directory, "begun\n");
    await after.held.kill();
    const { root, process } = await adopted(after.isolation, after.held);
    await root.files.makeDirectory("/vercel/sandbox/go", { recursive: false });
    expect(await process.exited).toEqual({ exitCode: 143 });
  });

  test("the next engine learns of commands that ended meanwhile", async () => {
    await using after = await orphaned(["exit 3", "kill -9 $$"]);
    for (const { handle } of after.held.commands) await gone(pidOf(handle));
    await after.held.kill();
    expect(await (await adopted(after.isolation, after.held, 0)).process.exited).toEqual({
      exitCode: 3,
    });
    expect(await (await adopted(after.isolation, after.held, 1)).process.exited).toEqual({
      exitCode: 137,
    });
  });

  test("the next engine can end them, with all that they started", async () => {
    await using after = await orphaned(["(setsid sleep 60 &); echo begun; sleep 60"]);
    await untilOutput(after.held.commands[0]!.directory, "begun\n");
    await after.held.kill();
    const { process, directory } = await adopted(after.isolation, after.held);
    await process.signal(9);
    expect(await process.exited).toEqual({ exitCode: 137 });
    expect(await readFile(join(directory, "exit"), "utf8")).toBe("137\n");
  });

  test("the next engine halts the session without having adopted its commands", async () => {
    await using after = await orphaned(["echo begun; sleep 60"]);
    await untilOutput(after.held.commands[0]!.directory, "begun\n");
    await after.held.kill();
    const root = await after.isolation.adopt(after.held.root);
    await root?.halt({ graceMs: 1_000 });
    expect(isRunning(pidOf(after.held.commands[0]!.handle))).toBe(false);
  });

  test("a command whose recorder is gone without a word is lost, and ended", async () => {
    await using after = await orphaned(["echo begun; echo $$ > pid; sleep 60"]);
    const [command] = after.held.commands;
    await untilOutput(command!.directory, "begun\n");
    await after.held.kill();
    const { process, directory } = await adopted(after.isolation, after.held);
    globalThis.process.kill(pidOf(command!.handle), "SIGKILL");
    expect(await process.exited).toEqual({ exitCode: 137, lost: true });
    const again = await adopted(after.isolation, after.held);
    expect(await again.process.exited).toEqual({ exitCode: 137, lost: true });
    expect(await readdir(directory)).not.toContain("exit");
  });

  test("half an exit code is none", async () => {
    await using after = await orphaned(["sleep 60"]);
    const [command] = after.held.commands;
    await writeFile(join(command!.directory, "exit"), "1");
    await after.held.kill();
    globalThis.process.kill(pidOf(command!.handle), "SIGKILL");
    const { process } = await adopted(after.isolation, after.held);
    expect(await process.exited).toEqual({ exitCode: 137, lost: true });
  });

  test("a pid that now belongs to another process is not taken for the command's", async () => {
    await using after = await orphaned(["exit 0"]);
    const root = await after.isolation.adopt(after.held.root);
    const directory = join(after.directory, "reused");
    await mkdir(directory);
    const handle = { pid: process.pid, startTime: "1", commandId: "cmd_reused" };
    const reused = await root!.adoptProcess(handle, { directory });
    expect(await reused?.exited).toEqual({ exitCode: 137, lost: true });
    await reused?.signal(9);
    expect(isRunning(process.pid)).toBe(true);
  });

  test("a handle that is none is not known", async () => {
    await using after = await orphaned([]);
    const root = await after.isolation.adopt(after.held.root);
    for (const handle of [null, 1, {}, { pid: -1, startTime: "", commandId: "" }]) {
      expect(await root?.adoptProcess(handle, { directory: after.directory })).toBeUndefined();
    }
  });

  test("files of a root that was never placed are swept away", async () => {
    await using directory = await temporaryDirectory();
    const isolation = join(directory.path, "isolation");
    await mkdir(join(isolation, "temporary", "half-made", "files"), { recursive: true });
    await makeIsolation(isolation).sweep({ roots: [], snapshotIds: [], driveIds: [] });
    expect(await readdir(join(isolation, "temporary"))).toEqual([]);
  });
});

test("lets its process end while a command runs on, once it is disposed of", async () => {
  await using directory = await temporaryDirectory();
  const held = await startIsolationHolder(directory.path, ["sleep 60"], { letGo: true });
  expect(await held.exited).toBe(0);
  const [command] = held.commands;
  expect(isRunning(pidOf(command!.handle))).toBe(true);
  const isolation = makeIsolation(join(directory.path, "isolation"));
  await (await isolation.adopt(held.root))?.halt({ graceMs: 0 });
  expect(isRunning(pidOf(command!.handle))).toBe(false);
});

test("refuses sudo with the reason", async () => {
  await using bench = await IsolationBench.make(makeIsolation);
  const root = await bench.prepare();
  const started = bench.start(root, ["true"], { sudo: true });
  await expect(started).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining("`process` isolation does not have"),
  });
});

test("names what it lacks, and says that a network policy is not enforced", async () => {
  await using directory = await temporaryDirectory();
  const log = listLog();
  const isolation = processIsolation({ directory: directory.path, baseEnv, log });
  expect(Object.values(isolation.features).every(({ offered }) => !offered)).toBe(true);
  const root = await isolation.prepare(
    prepareRequest({ sessionId: "sbx_policy", sandboxName: "policy" }),
  );
  expect(log.lines).toEqual([]);
  await root.applyNetworkPolicy({ mode: "deny-all" });
  expect(log.lines).toEqual([
    'warn network policy is recorded but not enforced by process isolation {"sandbox":"policy","mode":"deny-all"}',
  ]);
  await root.halt({ graceMs: 0 });
});

test("keeps global npm packages out of the host's directories", async () => {
  await using bench = await IsolationBench.make(makeIsolation);
  const root = await bench.prepare();
  const { stdout } = await bench.run(root, ["npm", "prefix", "--global"]);
  const home = (await bench.sh(root, "cd && pwd")).stdout.trim();
  expect(stdout.trim()).toBe(`${home}/.global/npm`);
});

test("finds programs that were installed in the sandbox before the host's", async () => {
  await using bench = await IsolationBench.make(makeIsolation);
  const root = await bench.prepare();
  await bench.sh(
    root,
    "mkdir -p ~/.local/bin; printf '#!/bin/sh\\necho own' > ~/.local/bin/ls; chmod +x ~/.local/bin/ls",
  );
  expect((await bench.run(root, ["ls"])).stdout).toBe("own\n");
});

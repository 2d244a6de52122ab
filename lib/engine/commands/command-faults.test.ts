import { existsSync, statSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { SandboxError } from "../../contract/errors.ts";
import { capturedRoots } from "../../testing/captured-roots.ts";
import { outputOf } from "../../testing/in-sandbox.ts";
import { isRunning } from "../../testing/is-running.ts";
import { temporaryEngine } from "../../testing/temporary-engine.ts";

/** For a machine that has much else to do. */
const PATIENT = { timeout: 10_000 };

const page = { limit: 10, sortOrder: "asc" } as const;
const sh = (script: string) => ({ cmd: "sh", args: ["-c", script] });
const full = () => new SandboxError("storage_full", "The disk is full.");

/** An engine with one sandbox; `roots` are those that its isolation made, to meddle with. */
async function running(options: { limits?: { outputBytes: number } } = {}) {
  const fixture = await temporaryEngine(options);
  const roots = capturedRoots(fixture.parts.isolation);
  const { session, sandbox } = await fixture.engine.sandboxes.create({});
  return {
    ...fixture,
    root: roots[0]!,
    id: session.id,
    name: sandbox.name,
    commands: fixture.engine.commands,
    logs: join(fixture.directory, "commands"),
  };
}

test("a start that cannot be recorded leaves no process, no record and no directory", async () => {
  await using the = await running();
  const { put } = the.parts.store.commands;
  const pids: number[] = [];
  const { start } = the.root;
  the.root.start = async (spec) => {
    const process = await start.call(the.root, spec);
    const { pid } = process.handle as { pid: number };
    pids.push(pid);
    return process;
  };
  the.parts.store.commands.put = () => {
    throw full();
  };
  await expect(the.commands.start(the.id, sh("sleep 600"))).rejects.toMatchObject({
    code: "storage_full",
  });
  the.parts.store.commands.put = put;
  expect(pids.map(isRunning)).toEqual([false]);
  expect(the.commands.list(the.id, page).items).toEqual([]);
  expect(await readdir(the.logs)).toEqual([]);
});

test("a start that the isolation refuses leaves no record and no directory", async () => {
  await using the = await running();
  for (const request of [{ cmd: "no-such-program" }, { cmd: "true", cwd: "/no/such/place" }]) {
    await expect(the.commands.start(the.id, request)).rejects.toThrow(SandboxError);
  }
  expect(the.commands.list(the.id, page).items).toEqual([]);
  expect(await readdir(the.logs)).toEqual([]);
});

test("an end that cannot be recorded is told all the same, and recorded later", async () => {
  await using the = await running();
  const { commands: table } = the.parts.store;
  const { put } = table;
  const command = await the.commands.start(the.id, {
    ...sh("read line; exit 3"),
    attachStdin: true,
  });
  table.put = () => {
    throw full();
  };
  await the.commands.writeStdin(the.id, command.id, { data: Buffer.from("\n") });
  expect(await the.commands.wait(the.id, command.id)).toMatchObject({ exitCode: 3 });
  expect(await the.commands.get(the.id, command.id)).toMatchObject({ exitCode: 3 });
  expect(the.commands.list(the.id, page).items).toMatchObject([{ exitCode: 3 }]);
  expect(table.get(command.id)?.exitCode).toBeNull();
  expect(the.parts.log.lines.filter((line) => line.includes("could not be recorded"))).toHaveLength(
    1,
  );
  table.put = put;
  await the.commands.get(the.id, command.id);
  expect(table.get(command.id)?.exitCode).toBe(3);
});

test("a start that slips in while the session stops is undone, and the stop waits for that", async () => {
  await using the = await running();
  const began = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const events: string[] = [];
  const { start } = the.root;
  the.root.start = async (spec) => {
    began.resolve();
    await gate.promise;
    events.push("spawned");
    const process = await start.call(the.root, spec);
    void process.exited.then(() => events.push("ended"));
    return process;
  };
  const starting = the.commands.start(the.id, sh("sleep 600"));
  await began.promise;
  const { halt, capture } = the.root;
  the.root.halt = async (options) => {
    await halt.call(the.root, options);
    gate.resolve();
  };
  the.root.capture = async (snapshotId) => {
    events.push("files taken");
    return capture.call(the.root, snapshotId);
  };
  const stopping = the.engine.sessions.stop(the.id);
  await expect(starting).rejects.toMatchObject({ code: "sandbox_stopping" });
  await stopping;
  expect(events).toEqual(["spawned", "ended", "files taken"]);
  expect(await readdir(the.logs)).toEqual([]);
});

test("a thousand wait for one end, and those who leave leave nothing behind", async () => {
  await using the = await running();
  const command = await the.commands.start(the.id, {
    ...sh("read line; exit 7"),
    attachStdin: true,
  });
  const controller = new AbortController();
  const { signal } = controller;
  const leaving = Array.from({ length: 500 }, () =>
    the.commands.wait(the.id, command.id, { signal }),
  );
  const staying = Array.from({ length: 1_000 }, () => the.commands.wait(the.id, command.id));
  const left = Promise.allSettled(leaving);
  controller.abort(new Error("enough"));
  expect(new Set((await left).map(({ status }) => status))).toEqual(new Set(["rejected"]));
  await expect(leaving[0]).rejects.toThrow("enough");
  expect(getEventListeners(signal, "abort")).toEqual([]);
  await the.commands.writeStdin(the.id, command.id, { data: Buffer.from("\n"), end: true });
  const ends = await Promise.all(staying);
  expect(new Set(ends.map(({ exitCode }) => exitCode))).toEqual(new Set([7]));
});

test("what a command leaves in the background is kept within the limit, and can be read", async () => {
  const limitBytes = 4 * 1024 * 1024;
  await using the = await running({ limits: { outputBytes: limitBytes } });
  const command = await the.commands.start(
    the.id,
    sh(
      "(until [ -e go ]; do sleep 0.02; done; yes | head -c 20000000; echo finished; touch done) & echo begun",
    ),
  );
  await the.commands.wait(the.id, command.id);
  expect(await outputOf(the.engine, the.id, command.id)).toBe("begun\n");
  await the.commands.start(the.id, sh("touch go"));
  const last = await the.commands.start(the.id, sh("until [ -e done ]; do sleep 0.02; done"));
  await the.commands.wait(the.id, last.id);
  const file = join(the.logs, command.id, "stdout");
  await expect.poll(() => statSync(file).blocks * 512, PATIENT).toBeLessThanOrEqual(limitBytes);
  let [text, dropped] = ["", 0];
  for await (const chunk of the.commands.output(the.id, command.id)) {
    text += chunk.data;
    dropped += chunk.dropped ?? 0;
  }
  expect(text.endsWith("y\nfinished\n")).toBe(true);
  expect(text.length + dropped).toBe(statSync(file).size);
});

test("a command is ended, with a word in the log, where its output cannot be shortened", async () => {
  await using the = await running({ limits: { outputBytes: 100_000 } });
  the.parts.isolation.discardPrefix = async () => false;
  const command = await the.commands.start(the.id, sh("yes"));
  expect(await the.commands.wait(the.id, command.id)).toMatchObject({ exitCode: 137 });
  const lines = the.parts.log.lines.filter((line) => line.includes(command.id));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/reached the limit and could not be shortened/);
});

test("a command that is faster than the disk is held, and all of it runs in the end", async () => {
  await using the = await running({ limits: { outputBytes: 1_000_000 } });
  const { isolation } = the.parts;
  const discard = isolation.discardPrefix.bind(isolation);
  const release = Promise.withResolvers<void>();
  isolation.discardPrefix = async (path, bytes) => {
    // A slow disk: room is made only once the command has stood still for a while.
    await release.promise;
    return discard(path, bytes);
  };
  const command = await the.commands.start(the.id, sh("yes | head -c 300000000"));
  const file = join(the.logs, command.id, "stdout");
  let size = -1;
  await expect
    .poll(() => {
      const before = size;
      size = statSync(file).size;
      return size > 1_000_000 && size === before;
    }, PATIENT)
    .toBe(true);
  release.resolve();
  expect((await the.commands.wait(the.id, command.id)).exitCode).toBe(0);
  expect(statSync(file).size).toBe(300_000_000);
  expect(size).toBeLessThan(300_000_000);
});

test("the output of a sandbox that was deleted is not found", async () => {
  await using the = await running();
  const command = await the.commands.start(the.id, sh("echo x"));
  await the.commands.wait(the.id, command.id);
  const unread = the.commands.output(the.id, command.id);
  await the.engine.sandboxes.delete(the.name);
  await expect(unread.next()).rejects.toMatchObject({ code: "session_not_found" });
  expect(existsSync(join(the.logs, command.id))).toBe(false);
});

import { constants } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { SandboxError } from "../../contract/errors.ts";
import { capturedRoots } from "../../testing/captured-roots.ts";
import { engineSeries } from "../../testing/engine-series.ts";
import { readText, runToEnd, writeText } from "../../testing/in-sandbox.ts";
import { temporaryEngine } from "../../testing/temporary-engine.ts";
import type { Engine } from "../engine.ts";

/** Many times what the counting command waits between two steps. */
const LONG_MS = 120;
const COUNTING = ["-c", "while :; do echo x; sleep 0.005; done"];

async function printedBy(engine: Engine, sessionId: string, commandId: string): Promise<number> {
  let length = 0;
  const output = engine.commands.output(sessionId, commandId, { follow: false });
  for await (const { data } of output) length += data.length;
  return length;
}

async function startCounting(engine: Engine, sessionId: string, timeoutMs?: number) {
  const command = await engine.commands.start(sessionId, {
    cmd: "sh",
    args: COUNTING,
    ...(timeoutMs !== undefined && { timeoutMs }),
  });
  const printed = () => printedBy(engine, sessionId, command.id);
  await expect.poll(printed, { timeout: 10_000 }).toBeGreaterThan(0);
  return { command, printed };
}

const paused = expect.objectContaining({ code: "sandbox_paused" });

describe("a sandbox that is paused with its memory", () => {
  test("stands still, takes nothing, and goes on where it was, its timeout begun anew", async () => {
    await using the = await temporaryEngine();
    const { engine, clock } = the;
    const made = await engine.sandboxes.create({ name: "nap", timeoutMs: 60_000, ports: [3000] });
    const { id } = made.session;
    const { command, printed } = await startCounting(engine, id, 30_000);
    clock.advance(20_000);
    const frozen = await engine.sessions.pause(id, { memory: true });
    expect(frozen.session).toMatchObject({ id, status: "paused", pausedAt: clock.now() });
    expect(frozen.sandbox).toMatchObject({ name: "nap", status: "paused" });
    expect(await engine.sessions.pause(id, { memory: true })).toEqual(frozen);
    const before = await printed();
    await delay(LONG_MS);
    expect(await printed()).toBe(before);
    for (const attempt of [
      () => engine.commands.start(id, { cmd: "true" }),
      () => engine.commands.kill(id, command.id, 15),
      () => engine.files.read(id, { path: "a" }),
      () => engine.terminals.start(id, { cmd: "sh" }),
      () => engine.sessions.extendTimeout(id, 1_000),
      () => engine.sessions.setTimeout(id, 1_000),
      () => engine.sessions.route(id, 3000),
      () => engine.sessions.snapshot(id),
    ]) {
      await expect(attempt()).rejects.toEqual(paused);
    }
    expect((await fetch(made.routes[0]!.url)).status).toBe(502);
    expect(await engine.sessions.usage(id)).toMatchObject({ cpuMs: expect.any(Number) });
    // Neither its own timeout nor that of the command counts meanwhile.
    clock.advance(3_600_000);
    const resumed = await engine.sandboxes.get("nap", { resume: true });
    expect(resumed).toMatchObject({ resumed: true, session: { id, status: "running" } });
    expect(resumed.sandbox.status).toBe("running");
    await expect.poll(printed, { timeout: 10_000 }).toBeGreaterThan(before);
    clock.advance(9_999);
    const late = await printed();
    await expect.poll(printed, { timeout: 10_000 }).toBeGreaterThan(late + 50);
    expect((await engine.commands.get(id, command.id)).exitCode).toBe(null);
    clock.advance(1);
    expect(await engine.commands.wait(id, command.id)).toMatchObject({ exitCode: 137 });
    clock.advance(50_000);
    await expect
      .poll(async () => (await engine.sandboxes.get("nap")).session, { timeout: 10_000 })
      .toMatchObject({ status: "stopped", durationMs: 80_000, pausedMs: 3_600_000 });
  });

  test("can be stopped, and deleted, as it is", async () => {
    await using the = await temporaryEngine();
    const { engine } = the;
    for (const end of ["stop", "delete"] as const) {
      const { session } = await engine.sandboxes.create({ name: end });
      await writeText(engine, session.id, "kept", "here");
      await startCounting(engine, session.id);
      await engine.sessions.pause(session.id, { memory: true });
      if (end === "delete") {
        await engine.sandboxes.delete(end);
        await expect(engine.sandboxes.get(end)).rejects.toMatchObject({
          code: "sandbox_not_found",
        });
        continue;
      }
      const ended = await engine.sessions.stop(session.id);
      expect(ended).toMatchObject({
        session: { status: "stopped" },
        sandbox: { status: "stopped" },
      });
      const again = await engine.sandboxes.get(end, { resume: true });
      expect(await readText(engine, again.session.id, "kept")).toBe("here");
    }
  });

  test("comes to one end when it is paused, stopped, resumed and out of time at once", async () => {
    await using the = await temporaryEngine();
    const { engine, clock } = the;
    const { session } = await engine.sandboxes.create({ name: "torn", timeoutMs: 10_000 });
    await startCounting(engine, session.id);
    const outcomes = [
      engine.sessions.pause(session.id, { memory: true }),
      engine.commands.start(session.id, { cmd: "sleep", args: ["60"] }),
      engine.sandboxes.get("torn", { resume: true }),
      engine.sessions.pause(session.id, { memory: true }),
      engine.sessions.stop(session.id),
    ];
    clock.advance(10_000);
    await Promise.allSettled(outcomes);
    const { sandbox } = await engine.sandboxes.get("torn");
    expect(sandbox.status).toBe("stopped");
    const { items } = engine.commands.list(session.id, { limit: 10, sortOrder: "asc" });
    expect(items.map(({ exitCode }) => exitCode)).not.toContain(null);
    const again = await engine.sandboxes.get("torn", { resume: true });
    expect((await runToEnd(engine, again.session.id, "true")).exitCode).toBe(0);
  });

  test("is resumed from its disk when its memory is not wanted, or is lost", async () => {
    await using the = await temporaryEngine();
    const { engine } = the;
    const { session } = await engine.sandboxes.create({ name: "fresh", persistent: false });
    await writeText(engine, session.id, "kept", "here");
    const { command } = await startCounting(engine, session.id);
    await engine.sessions.pause(session.id, { memory: true });
    const options = { resume: true, memory: false, timeoutMs: 7_000 };
    const again = await engine.sandboxes.get("fresh", options);
    expect(again.session.id).not.toBe(session.id);
    expect(again.session.timeoutMs).toBe(7_000);
    expect(await readText(engine, again.session.id, "kept")).toBe("here");
    expect((await engine.commands.get(session.id, command.id)).exitCode).not.toBe(null);
  });
});

describe("a pause", () => {
  test("waits for a signal that is on its way, which might undo it", async () => {
    await using the = await temporaryEngine();
    const { engine } = the;
    const roots = capturedRoots(the.parts.isolation);
    const { session } = await engine.sandboxes.create({ name: "signalled" });
    const root = roots[0]!;
    const { start, freeze } = root;
    const events: string[] = [];
    const sent = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    root.start = async (spec) => {
      const process = await start.call(root, spec);
      const { signal } = process;
      process.signal = async (number) => {
        sent.resolve();
        await gate.promise;
        await signal.call(process, number);
        events.push("signalled");
      };
      return process;
    };
    root.freeze = async () => {
      events.push("frozen");
      await freeze.call(root);
    };
    const sleep = { cmd: "sleep", args: ["60"] };
    const command = await engine.commands.start(session.id, sleep);
    const killing = engine.commands.kill(session.id, command.id, constants.signals.SIGCONT);
    await sent.promise;
    const pausing = engine.sessions.pause(session.id, { memory: true });
    await delay(LONG_MS);
    gate.resolve();
    await Promise.all([killing, pausing]);
    expect(events).toEqual(["signalled", "frozen"]);
  });

  test("goes on when its end cannot be recorded", async () => {
    await using the = await temporaryEngine();
    const { engine } = the;
    const { session } = await engine.sandboxes.create({ name: "full" });
    const { printed } = await startCounting(engine, session.id);
    await engine.sessions.pause(session.id, { memory: true });
    const { sessions } = the.parts.store;
    const { put } = sessions;
    sessions.put = () => {
      throw new SandboxError("storage_full", "The disk is full.");
    };
    await expect(engine.sandboxes.get("full", { resume: true })).rejects.toMatchObject({
      code: "storage_full",
    });
    sessions.put = put;
    const before = await printed();
    await delay(LONG_MS);
    expect(await printed()).toBe(before);
    expect((await engine.sandboxes.get("full")).sandbox.status).toBe("paused");
    const resumed = await engine.sandboxes.get("full", { resume: true });
    expect(resumed.session).toMatchObject({ id: session.id, status: "running" });
    await expect.poll(printed, { timeout: 10_000 }).toBeGreaterThan(before);
  });
});

describe("a sandbox that is paused on its disk", () => {
  test("has ended and keeps its files, persistent or not, and can be stopped for good", async () => {
    await using the = await temporaryEngine();
    const { engine } = the;
    const made = await engine.sandboxes.create({ name: "cold", persistent: false });
    await writeText(engine, made.session.id, "kept", "here");
    const frozen = await engine.sessions.pause(made.session.id, { memory: false });
    expect(frozen).toMatchObject({ session: { status: "stopped" }, sandbox: { status: "paused" } });
    await expect(engine.commands.start(made.session.id, { cmd: "true" })).rejects.toEqual(paused);
    expect(await engine.sessions.pause(made.session.id, { memory: true })).toMatchObject({
      sandbox: { status: "paused" },
    });
    const again = await engine.sandboxes.get("cold", { resume: true });
    expect(again).toMatchObject({ resumed: true, sandbox: { status: "running" } });
    expect(await readText(engine, again.session.id, "kept")).toBe("here");
    await engine.sessions.pause(again.session.id, { memory: false });
    const stopped = await engine.sessions.stop(again.session.id);
    expect(stopped.sandbox?.status).toBe("stopped");
  });
});

describe("a snapshot of a sandbox that goes on", () => {
  test("holds its files, and neither its processes nor its life take notice", async () => {
    await using the = await temporaryEngine();
    const { engine } = the;
    const { session, sandbox } = await engine.sandboxes.create({ name: "live", persistent: false });
    await writeText(engine, session.id, "a", "first");
    const { command, printed } = await startCounting(engine, session.id);
    const taking = engine.sessions.snapshot(session.id, { keepRunning: true, expirationMs: 0 });
    // Whoever comes meanwhile waits, and is served.
    const during = runToEnd(engine, session.id, "true");
    const taken = await taking;
    expect((await during).exitCode).toBe(0);
    expect(taken.session).toMatchObject({ id: session.id, status: "running" });
    expect(taken.snapshot).toMatchObject({ status: "created", sandboxName: "live" });
    await writeText(engine, session.id, "a", "second");
    const before = await printed();
    await expect.poll(printed, { timeout: 10_000 }).toBeGreaterThan(before);
    expect((await engine.commands.get(session.id, command.id)).exitCode).toBe(null);
    const { id: currentSnapshotId } = taken.snapshot;
    for (const name of ["one", "two"]) {
      const fork = await engine.sandboxes.fork("live", { name, currentSnapshotId });
      expect(await readText(engine, fork.session.id, "a")).toBe("first");
    }
    expect((await engine.sandboxes.get("live")).sandbox.currentSnapshotId).toBe(
      sandbox.currentSnapshotId,
    );
    await engine.sessions.pause(session.id, { memory: true });
    const frozen = await engine.sessions.snapshot(session.id, {
      keepRunning: true,
      method: "automatic",
    });
    expect(frozen).toMatchObject({
      session: { status: "paused" },
      snapshot: { creationMethod: "automatic" },
    });
    await engine.sandboxes.get("live", { resume: true });
    await engine.sessions.stop(session.id);
    await expect(engine.sessions.snapshot(session.id, { keepRunning: true })).rejects.toMatchObject(
      { code: "sandbox_stopped" },
    );
  });
});

describe("the next engine", () => {
  test("finds a frozen sandbox frozen, and lets it go on when asked", async () => {
    await using series = await engineSeries();
    const { session } = await series.engine.sandboxes.create({ name: "deep", timeoutMs: 60_000 });
    const { command, printed } = await startCounting(series.engine, session.id, 600_000);
    await series.engine.terminals.start(session.id, { cmd: "sh" });
    expect(series.engine.isBusy()).toBe(true);
    await series.engine.sessions.pause(session.id, { memory: true });
    // Nothing of it would be cut off, so that an engine with nothing else to do may end.
    expect(series.engine.isBusy()).toBe(false);
    const before = await printed();
    const engine = await series.restart();
    series.clock.advance(3_600_000);
    expect((await engine.sandboxes.get("deep")).session.status).toBe("paused");
    await expect(engine.commands.start(session.id, { cmd: "true" })).rejects.toEqual(paused);
    const now = () => printedBy(engine, session.id, command.id);
    await delay(LONG_MS);
    expect(await now()).toBe(before);
    const resumed = await engine.sandboxes.get("deep", { resume: true });
    expect(resumed.session).toMatchObject({ id: session.id, status: "running" });
    await expect.poll(now, { timeout: 10_000 }).toBeGreaterThan(before);
    expect((await engine.commands.get(session.id, command.id)).pausedMs).toBe(3_600_000);
  });

  test("goes by the record when the last one died between a pause and its record, or a resume and its", async () => {
    await using series = await engineSeries();
    const { session } = await series.engine.sandboxes.create({ name: "between" });
    const { command } = await startCounting(series.engine, session.id);
    const root = await series.parts.isolation.adopt(session.root ?? null);
    await root?.freeze();
    let engine = await series.restart();
    const now = () => printedBy(engine, session.id, command.id);
    const running = await now();
    await expect.poll(now, { timeout: 10_000 }).toBeGreaterThan(running);
    await engine.sessions.pause(session.id, { memory: true });
    await root?.thaw();
    engine = await series.restart();
    const still = await now();
    await delay(LONG_MS);
    expect(await now()).toBe(still);
    expect((await engine.sandboxes.get("between")).sandbox.status).toBe("paused");
  });
});

import { once } from "node:events";
import { createConnection } from "node:net";
import { describe, expect, test } from "vitest";
import { capturedRoots } from "../testing/captured-roots.ts";
import { engineSeries } from "../testing/engine-series.ts";
import { temporaryEngine } from "../testing/temporary-engine.ts";
import type { Engine } from "./engine.ts";

async function statusOf(engine: Engine, name: string): Promise<string> {
  const view = await engine.sandboxes.get(name).catch(() => undefined); // Deleted.
  return view?.sandbox.status ?? "deleted";
}

/** Waits until what was due is over: whatever ends a sandbox holds its lock. */
async function expectStatus(engine: Engine, name: string, status: string): Promise<void> {
  await expect.poll(() => statusOf(engine, name), { timeout: 10_000 }).toBe(status);
}

describe("a session's time", () => {
  test("is set from now, to more and to less than it had, and to the millisecond", async () => {
    await using the = await temporaryEngine();
    const { engine, clock } = the;
    const { session } = await engine.sandboxes.create({ name: "exact", timeoutMs: 60_000 });
    clock.advance(50_000);
    const longer = await engine.sessions.setTimeout(session.id, 100_000);
    expect(longer.timeoutMs).toBe(150_000);
    clock.advance(90_000);
    // Less than what has passed already.
    await engine.sessions.setTimeout(session.id, 5_000);
    clock.advance(4_999);
    expect(await statusOf(engine, "exact")).toBe("running");
    clock.advance(1);
    await expectStatus(engine, "exact", "stopped");
    for (const timeoutMs of [-1, 1.5, Number.NaN]) {
      const { session: again } = await engine.sandboxes.get("exact", { resume: true });
      await expect(engine.sessions.setTimeout(again.id, timeoutMs)).rejects.toMatchObject({
        code: "invalid_request",
      });
    }
    const { session: last } = await engine.sandboxes.get("exact");
    await engine.sessions.setTimeout(last.id, 0);
    clock.advance(0);
    await expectStatus(engine, "exact", "stopped");
  });

  test("ends as the sandbox says: stopped, deleted, or paused with or without its memory", async () => {
    await using the = await temporaryEngine();
    const { engine, clock } = the;
    const ids = new Map<string, string>();
    for (const [name, settings] of Object.entries({
      stopped: {},
      gone: { onTimeout: "delete" },
      frozen: { onTimeout: "pause" },
      cold: { onTimeout: "pause", pauseMemory: false, persistent: false },
    } as const)) {
      const made = await engine.sandboxes.create({ name, timeoutMs: 10_000, ...settings });
      ids.set(name, made.session.id);
    }
    await engine.sandboxes.update("stopped", { onTimeout: "pause" });
    await engine.sandboxes.update("stopped", { onTimeout: "stop" });
    clock.advance(10_000);
    await expectStatus(engine, "stopped", "stopped");
    await expectStatus(engine, "gone", "deleted");
    await expectStatus(engine, "frozen", "paused");
    await expectStatus(engine, "cold", "paused");
    const sessionOf = async (name: string) =>
      (await engine.sessions.get(ids.get(name) ?? "")).session.status;
    expect(await sessionOf("frozen")).toBe("paused");
    expect(await sessionOf("cold")).toBe("stopped");
  });

  test("that was made longer while its end waited for the lock is not over", async () => {
    await using the = await temporaryEngine();
    const { engine, clock } = the;
    const { session } = await engine.sandboxes.create({ name: "saved", timeoutMs: 10_000 });
    // The update holds the lock when the alarm goes off.
    const updating = engine.sandboxes.update("saved", { tags: { a: "b" } });
    clock.advance(10_000);
    await engine.sessions.setTimeout(session.id, 5_000);
    await updating;
    await engine.sandboxes.get("saved", { resume: true });
    expect(await statusOf(engine, "saved")).toBe("running");
    clock.advance(5_000);
    await expectStatus(engine, "saved", "stopped");
  });
});

describe("an idle sandbox", () => {
  test("is stopped or paused when nobody has used it for so long, and not before", async () => {
    await using the = await temporaryEngine();
    const { engine, clock } = the;
    const life = { idleStopMs: 60_000 };
    const { session } = await engine.sandboxes.create({ name: "idle", timeoutMs: 9e8, life });
    const { id } = session;
    const uses: (() => Promise<unknown>)[] = [
      () => engine.commands.start(id, { cmd: "true" }),
      () => engine.files.makeDirectory(id, { path: "d", recursive: true }),
      () => engine.sessions.touch(id),
    ];
    for (const use of uses) {
      clock.advance(59_999);
      expect(await statusOf(engine, "idle")).toBe("running");
      await use();
    }
    // To look at it is no use of it.
    clock.advance(59_999);
    await engine.sessions.usage(id);
    await engine.sandboxes.get("idle");
    clock.advance(1);
    await expectStatus(engine, "idle", "stopped");
    await engine.sandboxes.update("idle", { life: { idlePauseMs: 10_000 } });
    await engine.sandboxes.get("idle", { resume: true });
    clock.advance(10_000);
    await expectStatus(engine, "idle", "paused");
    await engine.sandboxes.get("idle", { resume: true });
    await engine.sandboxes.update("idle", { life: null });
    clock.advance(10_000_000);
    expect(await statusOf(engine, "idle")).toBe("running");
  });

  test("is in use while somebody waits for a command, looks at a terminal or is connected to a port", async () => {
    await using the = await temporaryEngine();
    const { engine, clock } = the;
    const life = { idleStopMs: 1_000 };
    const made = await engine.sandboxes.create({
      name: "used",
      timeoutMs: 9e8,
      life,
      ports: [3000],
    });
    const { id } = made.session;
    const command = await engine.commands.start(id, {
      cmd: "sh",
      args: ["-c", "until [ -e end ]; do sleep 0.02; done"],
    });
    const waiting = engine.commands.wait(id, command.id);
    clock.advance(5_000);
    expect(await statusOf(engine, "used")).toBe("running");
    await engine.commands.start(id, { cmd: "touch", args: ["end"] });
    await waiting;
    clock.advance(999);
    const socket = createConnection({ host: "127.0.0.1", port: made.routes[0]!.hostPort });
    await once(socket, "connect");
    // The engine's end of it is there as soon as it answers: with nobody behind the port, that is at once.
    socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    await once(socket, "data");
    clock.advance(999);
    expect(await statusOf(engine, "used")).toBe("running");
    socket.destroy();
    const terminal = await engine.terminals.start(id, { cmd: "sh" });
    const attached = engine.terminals.attach(id, terminal.id);
    await attached.next();
    clock.advance(5_000);
    expect(await statusOf(engine, "used")).toBe("running");
    await attached.return();
    // That somebody has left may be seen a moment later, and the time counts from then on.
    const later = () => {
      clock.advance(1_000);
      return statusOf(engine, "used");
    };
    await expect.poll(later).toBe("stopped");
  });
});

describe("a sandbox that could not be ended when its time had come", () => {
  test("is tried again a minute later", async () => {
    await using the = await temporaryEngine();
    const { engine, clock } = the;
    const roots = capturedRoots(the.parts.isolation);
    await engine.sandboxes.create({ name: "stubborn", timeoutMs: 10_000, onTimeout: "pause" });
    const root = roots[0]!;
    const { freeze } = root;
    let tries = 0;
    root.freeze = async () => {
      tries += 1;
      if (tries === 1) throw new Error("not now");
      await freeze.call(root);
    };
    clock.advance(10_000);
    await expect
      .poll(() => the.parts.log.lines.join("\n"), { timeout: 10_000 })
      .toContain('warn a sandbox could not be ended when its time had come {"sandbox":"stubborn"');
    expect(await statusOf(engine, "stubborn")).toBe("running");
    clock.advance(59_999);
    expect(tries).toBe(1);
    clock.advance(1);
    await expectStatus(engine, "stubborn", "paused");
  });

  test.each(["stopped", "deleted"] as const)(
    "is %s a minute after that was left half done, whoever had asked for it",
    async (end) => {
      await using the = await temporaryEngine();
      const { engine, clock } = the;
      const roots = capturedRoots(the.parts.isolation);
      const { session } = await engine.sandboxes.create({ name: "half", timeoutMs: 3_600_000 });
      const root = roots[0]!;
      const { halt } = root;
      root.halt = async () => {
        root.halt = halt;
        throw new Error("not now");
      };
      const ending =
        end === "stopped" ? engine.sessions.stop(session.id) : engine.sandboxes.delete("half");
      await expect(ending).rejects.toThrow("not now");
      const left = () => the.parts.store.sandboxes.get("half")?.status ?? "deleted";
      clock.advance(59_999);
      expect(left()).toBe("stopping");
      clock.advance(1);
      await expect.poll(left, { timeout: 10_000 }).toBe(end);
    },
  );
});

describe("a sandbox that is to be deleted", () => {
  test("goes so long after it was stopped, at once where that is nothing, and never for a pause", async () => {
    await using the = await temporaryEngine();
    const { engine, clock } = the;
    const end = async (name: string, deleteAfterStopMs: number) => {
      const life = { deleteAfterStopMs };
      const { session } = await engine.sandboxes.create({ name, life });
      await engine.sessions.pause(session.id, { memory: false });
      clock.advance(100_000);
      await engine.sandboxes.get(name, { resume: true });
      const { session: last } = await engine.sandboxes.get(name);
      await engine.sessions.stop(last.id);
    };
    await end("later", 5_000);
    clock.advance(4_999);
    expect(await statusOf(engine, "later")).toBe("stopped");
    await engine.sandboxes.get("later", { resume: true });
    clock.advance(5_000);
    expect(await statusOf(engine, "later")).toBe("running");
    await end("now", 0);
    clock.advance(0);
    await expectStatus(engine, "now", "deleted");
  });

  test("goes at its time whatever it does, also when no engine ran then", async () => {
    await using series = await engineSeries();
    const { clock } = series;
    const deleteAt = clock.now() + 30_000;
    await series.engine.sandboxes.create({ name: "busy", life: { deleteAt }, timeoutMs: 9e8 });
    const rest = await series.engine.sandboxes.create({ name: "rest", life: { deleteAt } });
    await series.engine.sessions.pause(rest.session.id, { memory: true });
    clock.advance(29_999);
    expect(await statusOf(series.engine, "busy")).toBe("running");
    clock.advance(1);
    await expectStatus(series.engine, "busy", "deleted");
    await expectStatus(series.engine, "rest", "deleted");
    const life = { deleteAfterStopMs: 60_000 };
    const { session } = await series.engine.sandboxes.create({ name: "meanwhile", life });
    await series.engine.sessions.stop(session.id);
    const engine = await series.restart(() => clock.advance(60_000));
    clock.advance(0);
    await expectStatus(engine, "meanwhile", "deleted");
  });
});

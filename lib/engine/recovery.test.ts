import { once } from "node:events";
import { mkdir, readdir, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { describe, expect, test } from "vitest";
import { engineSeries } from "../testing/engine-series.ts";
import { readText, runToEnd, writeText } from "../testing/in-sandbox.ts";
import type { TemporaryEngine } from "../testing/shared-engine.ts";
import { startEngine, temporaryEngine } from "../testing/temporary-engine.ts";
import type { Root } from "./ports.ts";

const rootsOf = (directory: string) => readdir(join(directory, "isolation", "roots"));

describe("the next engine", () => {
  test("takes up running sandboxes with their files, commands and ports", async () => {
    await using series = await engineSeries();
    const made = await series.engine.sandboxes.create({ name: "lives", ports: [3000] });
    await writeText(series.engine, made.session.id, "a.txt", "kept");
    const command = await series.engine.commands.start(made.session.id, {
      cmd: "sh",
      args: ["-c", "echo before; while [ ! -e go ]; do sleep 0.02; done; echo after; exit 7"],
    });
    const engine = await series.restart();
    const view = await engine.sandboxes.get("lives");
    expect(view.session).toMatchObject({ id: made.session.id, status: "running" });
    expect(view.routes).toEqual(made.routes);
    expect(await readText(engine, made.session.id, "a.txt")).toBe("kept");
    await writeText(engine, made.session.id, "go", "");
    const ended = await engine.commands.wait(made.session.id, command.id);
    expect(ended.exitCode).toBe(7);
    let output = "";
    for await (const { data } of engine.commands.output(made.session.id, command.id))
      output += data;
    expect(output).toBe("before\nafter\n");
  });

  test("records a command that ended while no engine ran", async () => {
    await using series = await engineSeries();
    const { session } = await series.engine.sandboxes.create({ name: "ends" });
    const command = await series.engine.commands.start(session.id, {
      cmd: "sh",
      args: ["-c", "while [ ! -e go ]; do sleep 0.02; done; exit 3"],
    });
    // A command of the same sandbox writes the sign, so that it outlives the engine.
    await runToEnd(series.engine, session.id, "sh", ["-c", "(sleep 0.2; touch go) & exit 0"]);
    const engine = await series.restart();
    expect(await engine.commands.wait(session.id, command.id)).toMatchObject({ exitCode: 3 });
  });

  test("holds the ports of stopped sandboxes, which say so until they are resumed", async () => {
    await using series = await engineSeries();
    const made = await series.engine.sandboxes.create({ name: "sleeps", ports: [3000] });
    await series.engine.sessions.stop(made.session.id);
    const engine = await series.restart();
    const stopped = await fetch(made.routes[0]?.url ?? "");
    expect(stopped.status).toBe(502);
    expect(await stopped.json()).toMatchObject({ error: { code: "SANDBOX_STOPPED" } });
    expect((await engine.sandboxes.get("sleeps", { resume: true })).routes).toEqual(made.routes);
  });

  test("does not lead to whoever took a port while no engine ran", async () => {
    await using series = await engineSeries();
    const made = await series.engine.sandboxes.create({ name: "robbed", ports: [3000] });
    await series.engine.sessions.stop(made.session.id);
    const squatter = createServer((_, response) => response.end("a stranger"));
    try {
      const engine = await series.restart(async () => {
        squatter.listen(made.routes[0]?.hostPort, "127.0.0.1");
        await once(squatter, "listening");
      });
      const { routes } = await engine.sandboxes.get("robbed");
      expect(routes[0]?.hostPort).not.toBe(made.routes[0]?.hostPort);
      expect((await fetch(routes[0]?.url ?? "")).status).toBe(502);
    } finally {
      squatter.close();
      squatter.closeAllConnections();
    }
  });

  test("stops at once what ran out of time meanwhile", async () => {
    await using series = await engineSeries();
    await series.engine.sandboxes.create({ name: "late", timeoutMs: 60_000 });
    await series.restart(() => series.clock.advance(0));
    series.clock.advance(60_000);
    const resumed = await series.engine.sandboxes.get("late", { resume: true });
    expect(resumed.resumed).toBe(true);
  });

  test("finishes a stop that was marked but not done, and keeps the files", async () => {
    await using series = await engineSeries();
    const { session } = await series.engine.sandboxes.create({ name: "halfway" });
    await writeText(series.engine, session.id, "a.txt", "kept");
    const engine = await series.restart((store) => {
      const marked = store.sessions.get(session.id);
      if (marked) {
        store.sessions.put({ ...marked, status: "stopping", capturingSnapshotId: "snap_half" });
      }
    });
    const view = await engine.sandboxes.get("halfway");
    expect(view.session.status).toBe("stopped");
    expect(view.sandbox.currentSnapshotId).toBe("snap_half");
    const resumed = await engine.sandboxes.get("halfway", { resume: true });
    expect(await readText(engine, resumed.session.id, "a.txt")).toBe("kept");
  });

  test("finishes a stop whose snapshot was already on disk", async () => {
    await using series = await engineSeries();
    const { session } = await series.engine.sandboxes.create({ name: "captured" });
    await writeText(series.engine, session.id, "a.txt", "kept");
    const before = series.parts.store.sessions.get(session.id);
    const { snapshot } = await series.engine.sessions.stop(session.id);
    const engine = await series.restart((store) => {
      // As it was when the files had moved and nothing of it was recorded yet.
      if (!before || !snapshot) return;
      store.sessions.put({ ...before, status: "stopping", capturingSnapshotId: snapshot.id });
      store.snapshots.delete(snapshot.id);
      const sandbox = store.sandboxes.get("captured");
      if (!sandbox) return;
      const { currentSnapshotId: _none, ...rest } = sandbox;
      store.sandboxes.put({ ...rest, status: "stopping" });
    });
    expect((await engine.snapshots.get(snapshot?.id ?? "")).status).toBe("created");
    const resumed = await engine.sandboxes.get("captured", { resume: true });
    expect(await readText(engine, resumed.session.id, "a.txt")).toBe("kept");
  });

  test("finishes a deletion", async () => {
    await using series = await engineSeries();
    const { session } = await series.engine.sandboxes.create({ name: "leaving" });
    const engine = await series.restart((store) => {
      const sandbox = store.sandboxes.get("leaving");
      if (sandbox) store.sandboxes.put({ ...sandbox, deleting: true });
    });
    await expect(engine.sandboxes.get("leaving")).rejects.toMatchObject({
      code: "sandbox_not_found",
    });
    await expect(engine.sessions.get(session.id)).rejects.toMatchObject({
      code: "session_not_found",
    });
    expect(await rootsOf(series.directory)).toEqual([]);
  });

  test("sweeps away what was made but never acknowledged", async () => {
    await using series = await engineSeries();
    await series.engine.sandboxes.create({ name: "kept" });
    const { session } = await series.engine.sandboxes.create({ name: "unacknowledged" });
    await series.restart((store) => {
      store.sandboxes.delete("unacknowledged");
      store.sessions.delete(session.id);
    });
    expect(await rootsOf(series.directory)).toHaveLength(1);
  });

  test("sweeps away the output of commands that were never recorded, also where no sandbox is left", async () => {
    await using series = await engineSeries();
    const commands = join(series.directory, "commands");
    await series.restart(async () => {
      await mkdir(join(commands, "cmd_unrecorded"), { recursive: true });
    });
    expect(await readdir(commands)).toEqual([]);
  });

  test("marks a session aborted whose files are gone, and can start it anew", async () => {
    await using series = await engineSeries();
    const { session } = await series.engine.sandboxes.create({ name: "lost" });
    const roots = join(series.directory, "isolation", "roots");
    const engine = await series.restart(() => rm(join(roots, "lost"), { recursive: true }));
    expect((await engine.sandboxes.get("lost")).session).toMatchObject({
      id: session.id,
      status: "aborted",
    });
    const again = await engine.sandboxes.get("lost", { resume: true });
    expect(again).toMatchObject({ resumed: true, session: { status: "running" } });
  });

  test("stops a session of another isolation, with its files and as its owner would", async () => {
    await using series = await engineSeries();
    const made: string[] = [];
    for (const persistent of [true, false]) {
      const { session } = await series.engine.sandboxes.create({
        name: `persistent-${persistent}`,
        persistent,
      });
      await writeText(series.engine, session.id, "a.txt", "kept");
      made.push(session.id);
    }
    const engine = await series.restart((store) => {
      for (const id of made) {
        const open = store.sessions.get(id);
        if (open) store.sessions.put({ ...open, isolation: "scripted" });
      }
    });
    const gone = await engine.sandboxes.get("persistent-false");
    expect(gone.session.status).toBe("stopped");
    expect(gone.sandbox.currentSnapshotId).toBeUndefined();
    const view = await engine.sandboxes.get("persistent-true");
    expect(view.session.status).toBe("stopped");
    const resumed = await engine.sandboxes.get("persistent-true", { resume: true });
    expect(await readText(engine, resumed.session.id, "a.txt")).toBe("kept");
    const snapshot = await engine.snapshots.get(view.sandbox.currentSnapshotId ?? "");
    expect(snapshot.isolation).toBe("scripted");
  });
});

/** The next engine on the same parts; `adopted` may meddle with the root of the session before it is taken up. */
async function nextEngine(
  { engine: before, parts }: TemporaryEngine,
  { sessionId, adopted }: { sessionId: string; adopted: (root: Root) => void },
) {
  await before[Symbol.asyncDispose]();
  const { isolation, store } = parts;
  const { adopt } = isolation;
  isolation.adopt = async (handle) => {
    const root = await adopt.call(isolation, handle);
    const own = store.sessions.get(sessionId)?.root;
    if (root && isDeepStrictEqual(handle, own)) adopted(root);
    return root;
  };
  const engine = await startEngine(parts);
  return {
    engine,
    async [Symbol.asyncDispose]() {
      for (const { name } of store.sandboxes.all()) await engine.sandboxes.delete(name);
      await engine[Symbol.asyncDispose]();
    },
  };
}

const notNow = async () => Promise.reject(new Error("not now"));

describe("a session that cannot be taken up", () => {
  test.each(["applyNetworkPolicy", "freeze", "thaw"] as const)(
    "for its %s fails is stopped with its files kept, and the others go on",
    async (word) => {
      await using the = await temporaryEngine();
      const { sandboxes, sessions } = the.engine;
      const { session } = await sandboxes.create({ name: "broken", persistent: false });
      const sound = await sandboxes.create({ name: "sound" });
      await writeText(the.engine, session.id, "a.txt", "kept");
      if (word === "freeze") await sessions.pause(session.id, { memory: true });
      const adopted = (root: Root) => {
        root[word] = notNow;
      };
      await using next = await nextEngine(the, { sessionId: session.id, adopted });
      const { engine } = next;
      const view = await engine.sandboxes.get("broken");
      expect(view.session).toMatchObject({ id: session.id, status: "stopped" });
      expect(view.sandbox.status).toBe(word === "freeze" ? "paused" : "stopped");
      expect(the.parts.log.lines.join("\n")).toContain(
        `warn a session could not be taken up after a restart, and is stopped {"sandbox":"broken","sessionId":"${session.id}","reason":"not now"}`,
      );
      const other = await engine.sandboxes.get("sound");
      expect(other.session).toMatchObject({ id: sound.session.id, status: "running" });
      expect(await runToEnd(engine, other.session.id, "echo", ["on"])).toMatchObject({
        stdout: "on\n",
      });
      const again = await engine.sandboxes.get("broken", { resume: true });
      expect(await readText(engine, again.session.id, "a.txt")).toBe("kept");
    },
  );

  test.each(["stopped", "deleted"] as const)(
    "and cannot be ended, either, is %s a minute later",
    async (end) => {
      await using the = await temporaryEngine();
      const { session } = await the.engine.sandboxes.create({ name: "stuck" });
      const { store, log } = the.parts;
      if (end === "deleted") {
        store.sandboxes.put({ ...store.sandboxes.get("stuck")!, deleting: true });
      }
      const adopted = (root: Root) => {
        root.thaw = notNow;
        const { halt } = root;
        root.halt = async () => {
          root.halt = halt;
          return notNow();
        };
      };
      await using next = await nextEngine(the, { sessionId: session.id, adopted });
      expect(log.lines.join("\n")).toContain("warn a session could not be ended after a restart");
      expect(store.sessions.get(session.id)?.status).toBe("stopping");
      the.clock.advance(60_000);
      const left = () => store.sandboxes.get("stuck")?.status ?? "deleted";
      await expect.poll(left, { timeout: 10_000 }).toBe(end);
      expect(next.engine.isBusy()).toBe(false);
    },
  );
});

import { expect, test } from "vitest";
import { listLog } from "../testing/list-log.ts";
import { readText, runToEnd, writeText } from "../testing/in-sandbox.ts";
import { makeNamespaces } from "../testing/namespaces-bench.ts";
import { temporaryHome } from "../testing/temporary-home.ts";
import { openEngine } from "./open-engine.ts";
import type { Settings } from "./settings.ts";

await makeNamespaces(); // Throws what this machine lacks.

async function open(settings: Settings, isolation: Settings["isolation"]) {
  const log = listLog();
  const opened = await openEngine(
    { ...settings, isolation },
    {
      log,
      holder: { kind: "embedded", pid: process.pid, version: "0.0.0", protocol: 0, startedAt: 0 },
    },
  );
  return { ...opened, log, [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose]() };
}

const ORDERS = [
  ["process", "namespaces"],
  ["namespaces", "process"],
] as const;

test.each(ORDERS)(
  "a sandbox that ran with %s isolation when the engine ended has its files with %s",
  async (first, second) => {
    await using home = await temporaryHome();
    {
      await using before = await open(home.settings, first);
      const { session } = await before.engine.sandboxes.create({ name: "moved" });
      await writeText(before.engine, session.id, "a.txt", "kept");
      const stopped = await before.engine.sandboxes.create({ name: "stopped" });
      await writeText(before.engine, stopped.session.id, "b.txt", "also kept");
      await before.engine.sessions.stop(stopped.session.id);
    }
    // And back: what was changed in between is there, too.
    for (const [turn, isolation] of [second, first, second].entries()) {
      await using after = await open(home.settings, isolation);
      const { engine } = after;
      expect(engine.isolation.name).toBe(isolation);
      const found = await engine.sandboxes.get("moved");
      expect(found.session.status).toBe("stopped");
      const resumed = await engine.sandboxes.get("moved", { resume: true });
      expect(await readText(engine, resumed.session.id, "a.txt")).toBe("kept".repeat(turn + 1));
      await writeText(engine, resumed.session.id, "a.txt", "kept".repeat(turn + 2));
      const ran = await runToEnd(engine, resumed.session.id, "wc", ["-c", "a.txt"]);
      expect(ran.stdout.trim()).toBe(`${4 * (turn + 2)} a.txt`);
      const other = await engine.sandboxes.get("stopped", { resume: true });
      expect(await readText(engine, other.session.id, "b.txt")).toBe("also kept");
    }
    await using last = await open(home.settings, second);
    for (const name of ["moved", "stopped"]) {
      await last.engine.sandboxes.delete(name, { deleteOrphanSnapshots: true });
    }
  },
  // Five engines, one after the other.
  60_000,
);

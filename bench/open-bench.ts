import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sandbox } from "sandlot";
import {
  daemonStatus,
  openEngine,
  packageVersion,
  PROTOCOL,
  readSettings,
  sharedTransport,
  stopDaemon,
} from "sandlot/host";
import type { Bench } from "./measure.ts";

/** An engine in this process and a daemon, each with a state folder of its own; all of it is gone afterwards. */
export async function openBench({ quick }: { quick: boolean }): Promise<Bench & AsyncDisposable> {
  const home = await mkdtemp(join(tmpdir(), "sandlot-bench-"));
  process.env["SANDLOT_HOME"] = join(home, "daemon");
  process.env["SANDLOT_ENGINE"] = "daemon";
  const settings = readSettings();
  const quiet = { info: () => undefined, warn: (message: string) => console.error(message) };
  const open = await openEngine(
    { ...settings, engine: { kind: "embedded" }, home: join(home, "engine") },
    {
      log: quiet,
      holder: {
        kind: "embedded",
        pid: process.pid,
        version: packageVersion(),
        protocol: PROTOCOL,
        startedAt: Date.now(),
      },
    },
  );
  // The engine keeps no process alive; this one waits for what it measures.
  const awake = setInterval(() => undefined, 2 ** 30);
  const status = async () => {
    const found = await daemonStatus(settings);
    if (!found) throw new Error("no daemon runs yet: create a sandbox first");
    return found;
  };
  return {
    engine: open.engine,
    quick,
    daemonPid: async () => (await status()).pid,
    async daemonMemory() {
      const { pid, memoryBytes } = await status();
      return { nowBytes: memoryBytes, peakBytes: await peakBytes(pid) };
    },
    async freshDaemon() {
      await stopDaemon(settings);
      await Sandbox.list({ limit: 1 });
    },
    async create(parameters = {}) {
      const sandbox = await Sandbox.create({ persistent: false, ...parameters });
      return Object.assign(sandbox, {
        [Symbol.asyncDispose]: () => sandbox.delete({ deleteOrphanSnapshots: true }),
      });
    },
    directory: () => mkdtemp(join(home, "directory-")),
    async [Symbol.asyncDispose]() {
      await open.stopAll();
      await open[Symbol.asyncDispose]();
      await sharedTransport(settings).close();
      await stopDaemon(settings, { stopSandboxes: true });
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
      clearInterval(awake);
    },
  };
}

/** The high-water mark that Linux keeps of a process's resident memory. */
async function peakBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kilobytes === undefined) throw new Error(`/proc/${pid}/status has no VmHWM`);
  return Number(kilobytes) * 1_024;
}

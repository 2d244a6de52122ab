import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { IsolationBench } from "../../../../testing/isolation-bench.ts";
import { makeNamespaces, whyNoNamespaces } from "../../../../testing/namespaces-bench.ts";
import { readProcess } from "../../process-table.ts";
import { RootRecord } from "../roots/root-record.ts";
import { isInitAlive } from "./halt-session.ts";

const isRoot = process.getuid?.() === 0;
const reason = isRoot ? await whyNoNamespaces() : "only root can hold up the end of a namespace";

/** A process whose parent has ended. */
async function startOrphan(): Promise<number> {
  const parent = spawn("sh", ["-c", "sleep 600 >/dev/null & echo $!"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [pid] = await Promise.all([text(parent.stdout), once(parent, "close")]);
  return Number(pid);
}

test.skipIf(reason !== undefined)(
  `a session whose first process is held up on its way out is known to have ended${reason ? ` (not here: ${reason})` : ""}`,
  async () => {
    await using bench = await IsolationBench.make(await makeNamespaces());
    const root = await bench.prepare();
    const { folder } = root.handle as { folder: string };
    const file = join(bench.directory, "isolation", "roots", folder, "root.json");
    const { init } = RootRecord.parse(JSON.parse(await readFile(file, "utf8")));
    // It is gone when all of its namespace were asked about, which one that is stopped does not do.
    const words = [`${init!.pid}`, "--pid", "--", "sh", "-c", "echo inside; exec sleep 600"];
    const stopped = spawn("nsenter", ["--target", ...words], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    bench.onEnd(() => void stopped.kill("SIGKILL"));
    await once(stopped.stdout, "data");
    stopped.kill("SIGSTOP");
    // The signal is on its way for a moment, in which it would still ask about its child.
    await expect.poll(() => readProcess(stopped.pid!)?.isStopped, { interval: 1 }).toBe(true);
    // As when all ended at once: what started it is gone, and it is the child of whoever takes orphans in.
    const starter = readProcess(init!.pid)!.parent;
    process.kill(starter, "SIGKILL");
    await expect.poll(() => readProcess(init!.pid)?.parent).not.toBe(starter);
    const bystander = await startOrphan();
    bench.onEnd(() => void process.kill(bystander, "SIGKILL"));
    expect(readProcess(bystander)?.parent).toBe(readProcess(init!.pid)?.parent);
    await expect.poll(() => existsSync(`/proc/${init!.pid}/ns/net`), { interval: 1 }).toBe(false);
    expect(isInitAlive(init!)).toBe(true);

    const adopted = await bench.isolation.adopt(root.handle);
    expect(adopted?.isAlive).toBe(false);
    const halting = adopted?.halt({ graceMs: 1 });
    stopped.kill("SIGKILL");
    await halting;
    expect(isInitAlive(init!)).toBe(false);
    // Of the same parent, and none of the session's.
    expect(readProcess(bystander)).toBeDefined();
  },
);

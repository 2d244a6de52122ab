import { readlinkSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Root } from "../../../../engine/ports.ts";
import { IsolationBench } from "../../../../testing/isolation-bench.ts";
import { makeNamespaces, whyNoNamespaces } from "../../../../testing/namespaces-bench.ts";
import { openPaths } from "../../../../testing/open-paths.ts";
import { RootRecord } from "../roots/root-record.ts";

const reason = await whyNoNamespaces();
const PATIENCE = { timeout: 30_000, interval: 20 };

function standing(bench: IsolationBench): Promise<string[]> {
  return readdir(join(bench.directory, "isolation", "ready"));
}

async function firstProcessOf(bench: IsolationBench, root: Root): Promise<number | undefined> {
  const { folder } = root.handle as { folder: string };
  const file = join(bench.directory, "isolation", "roots", folder, "root.json");
  return RootRecord.parse(JSON.parse(await readFile(file, "utf8"))).init?.pid;
}

/** Where the session's own layer was when its file system was put together. */
async function raisedIn(bench: IsolationBench, root: Root): Promise<string> {
  const init = await firstProcessOf(bench, root);
  const mounts = await readFile(`/proc/${init}/mountinfo`, "utf8");
  return /upperdir=(\w+)\//.exec(mounts)?.[1] ?? "";
}

/** The networks that this process holds. */
function networks(): string[] {
  return openPaths().filter((path) => path.startsWith("net:"));
}

// The first here: no other engine of this process holds anything yet.
test.skipIf(reason !== undefined)(
  "what was taken for a session that never began is given back, its network too",
  async () => {
    await using bench = await IsolationBench.make(await makeNamespaces());
    const root = await bench.prepare();
    await expect.poll(() => standing(bench), PATIENCE).toHaveLength(1);
    const leaving = new AbortController();
    const unwanted = bench.prepare({}, { signal: leaving.signal });
    leaving.abort(new Error("nobody waits for it"));
    await expect(unwanted).rejects.toThrow("nobody waits for it");
    const own = readlinkSync(`/proc/${await firstProcessOf(bench, root)}/ns/net`);
    expect(networks()).toEqual([own]);
    expect(await standing(bench)).toEqual([]);
  },
  120_000,
);

test.skipIf(reason !== undefined)(
  "a session of the usual shape takes what stands ready, any other is put together for itself",
  async () => {
    await using bench = await IsolationBench.make(await makeNamespaces());
    await bench.prepare();
    await expect.poll(() => standing(bench), PATIENCE).toHaveLength(1);
    const [ready] = await standing(bench);
    const usual = await bench.prepare();
    expect(await raisedIn(bench, usual)).toBe("ready");
    expect(await standing(bench)).not.toContain(ready);

    await expect.poll(() => standing(bench), PATIENCE).toHaveLength(1);
    const small = await bench.prepare({ vcpus: 1, home: "/vercel/home", cwd: "/vercel/work" });
    expect(await raisedIn(bench, small)).toBe("roots");
    expect(await bench.sh(small, "cd /vercel/work; pwd; echo $HOME; stat -c %U . ~")).toEqual({
      exitCode: 0,
      stdout: "/vercel/work\n/vercel/home\nvercel-sandbox\nvercel-sandbox\n",
      stderr: "",
    });
    // Neither sees what the other wrote.
    await bench.sh(usual, "echo mine > /vercel/sandbox/file; sudo sh -c 'echo mine > /etc/own'");
    expect((await bench.sh(small, "cat /vercel/sandbox/file /etc/own")).stdout).toBe("");
  },
  120_000,
);

test.skipIf(reason !== undefined)(
  "what stands ready ends with the engine, and leaves nothing",
  async () => {
    await using bench = await IsolationBench.make(await makeNamespaces());
    const root = await bench.prepare();
    await expect.poll(() => standing(bench), PATIENCE).toHaveLength(1);
    await root.halt({ graceMs: 0 });
    (bench.isolation as unknown as Disposable)[Symbol.dispose]();
    await expect.poll(() => standing(bench), PATIENCE).toEqual([]);
  },
  120_000,
);

import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { createInterface } from "node:readline";
import { Sandbox } from "@vercel/sandbox";
import { expect, test } from "vitest";
import type { HostedSandbox } from "../../contract/carrier.ts";
import { archiveServer } from "../../testing/archive-server.ts";
import { carriedCaller } from "../../testing/carried-caller.ts";
import { isRunning } from "../../testing/is-running.ts";
import { whyNoNamespaces } from "../../testing/namespaces-bench.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { readSettings } from "../settings.ts";
import { type HostEnd, runSandboxHost } from "./run-host.ts";

const holder = new URL("../../testing/sandbox-host-holder.ts", import.meta.url).pathname;
// Their files are kept in other ways; a machine may have only one.
const isolations = ["process", ...((await whyNoNamespaces()) === undefined ? ["namespaces"] : [])];
// A reaper opens the engine once more, on a machine that others use.
const PATIENT = { timeout: 30_000, interval: 50 };

/** A process that holds a sandbox with a running command, below a folder of its own for temporary files. */
async function heldSandbox(environment: Record<string, string> = {}) {
  const directory = await temporaryDirectory();
  const child = spawn(process.execPath, [holder], {
    env: {
      PATH: process.env["PATH"] ?? "",
      TMPDIR: directory.path,
      SANDLOT_ISOLATION: "process",
      ...environment,
    },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => JSON.parse((await lines.next()).value ?? "null");
  const { pid } = (await next()) as { pid: number };
  return {
    pid,
    child,
    exited,
    next,
    left: () => readdirSync(directory.path).filter((name) => name.startsWith("sandlot-")),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await exited;
      await expect.poll(() => isRunning(pid), PATIENT).toBe(false);
      await directory[Symbol.asyncDispose]();
    },
  };
}

test("leaves no process and no folder behind when its process is killed", async () => {
  await using held = await heldSandbox();
  expect(isRunning(held.pid)).toBe(true);
  expect(held.left()).toHaveLength(1);
  held.child.kill("SIGKILL");
  await held.exited;
  await expect.poll(() => isRunning(held.pid), PATIENT).toBe(false);
  await expect.poll(held.left, PATIENT).toEqual([]);
});

test("leaves no process and no folder behind when its run is cancelled", async () => {
  await using held = await heldSandbox();
  held.child.stdin.end();
  expect(await held.next()).toEqual({ end: "cancelled" });
  await held.exited;
  expect(isRunning(held.pid)).toBe(false);
  expect(held.left()).toEqual([]);
});

/** A host in this process with a caller; `tell` is what the books of runs hold. */
function host(
  books: { told?: HostedSandbox | undefined; deleted: number },
  {
    keep,
    isolation = "process",
    address = "run_1",
    idleMs,
  }: { keep?: string; isolation?: string; address?: string; idleMs?: number } = {},
) {
  let deliver: (record: unknown) => void = () => undefined;
  const caller = carriedCaller(address, (record) => deliver(record));
  const cancel = new AbortController();
  const ready = Promise.withResolvers<void>();
  const settings = readSettings({
    SANDLOT_ISOLATION: isolation,
    ...(keep !== undefined && { SANDLOT_KEEP: keep }),
  });
  const end: Promise<HostEnd> = runSandboxHost(
    {
      address,
      previous: books.told,
      write: caller.write,
      tell: async (hosted) => void (books.told = hosted),
      deleted: async () => void (books.deleted += 1),
      listen: async (receive) => {
        deliver = receive;
        return { [Symbol.asyncDispose]: async () => undefined };
      },
    },
    {
      name: "one",
      settings,
      signal: cancel.signal,
      ready: async () => ready.resolve(),
      ...(idleMs !== undefined && { idleMs }),
    },
  );
  end.catch((error: unknown) => ready.reject(error));
  // Of one that never gets there, `end` tells.
  ready.promise.catch(() => undefined);
  return { ...caller, end, ready: ready.promise, cancel };
}

test("finds a sandbox again that was kept in a folder, with all that it had", async () => {
  await using keep = await temporaryDirectory();
  const books = { deleted: 0 };
  const first = host(books, { keep: keep.path });
  await first.ready;
  const made = await Sandbox.create({ ...first.credentials, name: "one" });
  const done = await made.runCommand("sh", ["-c", "echo kept > file; echo said"]);
  first.cancel.abort();
  expect(await first.end).toBe("cancelled");
  expect(books).toMatchObject({ told: { state: "stopped" } });

  const second = host(books, { keep: keep.path, address: "run_2" });
  await second.ready;
  const again = await Sandbox.get({ ...second.credentials, name: "one" });
  expect(String(await again.readFileToBuffer({ path: "file" }))).toBe("kept\n");
  const fetched = await second.credentials.fetch(
    `https://vercel.com/api/v2/sandboxes/sessions/${made.currentSession().sessionId}/cmd/${done.cmdId}/logs`,
  );
  expect(await fetched.text()).toContain('"said\\n"');
  await again.delete();
  expect(await second.end).toBe("deleted");
  expect(books.deleted).toBe(1);
  expect(readdirSync(keep.path)).toEqual([]);
});

test.each(isolations)(
  "goes back to the last snapshot when only archives are kept, and forgets them with the sandbox (%s)",
  async (isolation) => {
    await using store = await archiveServer();
    const books: Parameters<typeof host>[0] = { deleted: 0 };
    const first = host(books, { keep: store.url, isolation });
    await first.ready;
    const made = await Sandbox.create({ ...first.credentials, name: "one" });
    await made.writeFiles([{ path: "file", content: "kept", mode: 0o640 }]);
    await made.stop();
    expect([...store.kept.keys()]).toEqual(["/boxes/one.tar.gz"]);
    const resumed = await Sandbox.get({ ...first.credentials, name: "one" });
    await resumed.writeFiles([{ path: "later", content: "not kept" }]);
    // As when the machine is lost: what comes after is an earlier state.
    const archive = store.kept.get("/boxes/one.tar.gz")!;
    first.cancel.abort();
    await first.end;
    store.kept.set("/boxes/one.tar.gz", archive);

    const second = host(books, { keep: store.url, isolation, address: "run_2" });
    await second.ready;
    const again = await Sandbox.get({ ...second.credentials, name: "one" });
    expect(String(await again.readFileToBuffer({ path: "file" }))).toBe("kept");
    expect(await again.readFileToBuffer({ path: "later" })).toBeNull();
    const mode = await again.runCommand("stat", ["-c", "%a", "file"]);
    expect(await mode.stdout()).toBe("640\n");
    await again.delete();
    expect(await second.end).toBe("deleted");
    expect(store.kept.size).toBe(0);
  },
);

test("says which place cannot be reached, without its password", async () => {
  const books = { deleted: 0 };
  const nowhere = host(books, { keep: "http://user:secret@127.0.0.1:9/boxes" });
  const error: unknown = await nowhere.end.catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "engine_unavailable" });
  expect(String(error)).toContain("http://127.0.0.1:9/boxes/one.tar.gz");
  expect(String(error)).not.toContain("secret");
});

test("reports a sandbox as lost that was kept nowhere, and does not make it again", async () => {
  const books: Parameters<typeof host>[0] = { deleted: 0 };
  const first = host(books);
  await first.ready;
  await Sandbox.create({ ...first.credentials, name: "one" });
  first.cancel.abort();
  await first.end;

  const second = host(books, { address: "run_2", idleMs: 50 });
  await second.ready;
  const { fetch } = second.credentials;
  const one = "https://vercel.com/api/v2/sandboxes/one";
  await expect(fetch(`${one}?resume=true`)).rejects.toMatchObject({ code: "sandbox_lost" });
  const creation = { method: "POST", body: JSON.stringify({ name: "one" }) };
  await expect(fetch("https://vercel.com/api/v2/sandboxes", creation)).rejects.toMatchObject({
    code: "sandbox_lost",
  });
  expect(books.told).toMatchObject({ state: "lost", sandbox: { name: "one" } });
  expect(await second.end).toBe("lost");
});

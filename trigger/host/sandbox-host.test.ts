import { readdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { runs, sessions } from "@trigger.dev/sdk";
import { Sandbox } from "sandlot";
import { SANDBOX_HOST } from "sandlot/contract";
import { readSettings, sharedTransport } from "sandlot/host";
import { afterAll, beforeAll, expect, test } from "vitest";
import { deleting } from "../../conformance/harness.ts";
import { isRunning } from "../../lib/testing/is-running.ts";
import { programFolder } from "../../lib/testing/program-folder.ts";
import { runProgram } from "../../lib/testing/run-program.ts";
import { temporaryDirectory } from "../../lib/testing/temporary-directory.ts";
import { BENCH_START_MS } from "../../trigger-local/testing/platform-bench.ts";
import { type RunBench, startRunBench } from "../testing/run-bench.ts";

// The platform's word that a worker has died, and a reaper that opens an engine, take their time on a busy machine.
const PATIENT = { timeout: 60_000, interval: 100 };
const LONG = BENCH_START_MS;
const DIED = /^(CRASHED|SYSTEM_FAILURE|FAILED)$/;

let bench: RunBench;
/** Where the workers keep sandboxes. */
let kept: Awaited<ReturnType<typeof temporaryDirectory>>;
const before = process.env["SANDLOT_ENGINE"];

beforeAll(async () => {
  kept = await temporaryDirectory();
  bench = await startRunBench({ SANDLOT_ISOLATION: "process", SANDLOT_KEEP: kept.path });
  process.env["SANDLOT_ENGINE"] = "trigger";
}, LONG);

afterAll(async () => {
  await sharedTransport(readSettings()).close();
  if (before === undefined) delete process.env["SANDLOT_ENGINE"];
  else process.env["SANDLOT_ENGINE"] = before;
  await bench?.[Symbol.asyncDispose]();
  await kept?.[Symbol.asyncDispose]();
}, LONG);

async function hostRun(name: string) {
  const { currentRunId } = await sessions.retrieve(SANDBOX_HOST.sessionName(name));
  return runs.retrieve(currentRunId ?? "");
}

/** A command that goes on, and the pid of its shell. */
async function longCommand(sandbox: Sandbox) {
  const command = await sandbox.runCommand({
    cmd: "sh",
    args: ["-c", "echo $$; sleep 1000 & wait"],
    detached: true,
  });
  for await (const { data } of command.logs()) return { command, pid: Number(data) };
  throw new Error("the command wrote nothing");
}

async function faultOf(work: Promise<unknown>): Promise<unknown> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const json: unknown = error instanceof Object ? Reflect.get(error, "json") : undefined;
  const wire: unknown = json instanceof Object ? Reflect.get(json, "error") : error;
  return wire instanceof Object ? Reflect.get(wire, "code") : undefined;
}

test("makes a sandbox in a run, streams what commands write, and leaves nothing when it is deleted", async () => {
  const sandbox = await Sandbox.create({ name: "first", persistent: false });
  const run = await hostRun("first");
  expect(run).toMatchObject({ taskIdentifier: "sandbox-host", status: "EXECUTING" });
  expect(run.tags).toEqual(["sandbox:first"]);
  const command = await sandbox.runCommand({
    cmd: "sh",
    args: ["-c", "echo one; until [ -e go ]; do sleep 0.05; done; echo two >&2; exit 3"],
    detached: true,
  });
  const seen: string[] = [];
  for await (const { stream, data } of command.logs()) {
    seen.push(`${stream}:${data}`);
    // It goes on only after its first line was read here: the lines are live.
    if (seen.length === 1) await sandbox.writeFiles([{ path: "go", content: "" }]);
  }
  expect(seen).toEqual(["stdout:one\n", "stderr:two\n"]);
  expect((await command.wait()).exitCode).toBe(3);
  await sandbox.delete();
  await expect.poll(async () => (await runs.retrieve(run.id)).status, PATIENT).toBe("COMPLETED");
  expect(readdirSync(kept.path)).toEqual([]);
  await expect(Sandbox.get({ name: "first" })).rejects.toMatchObject({ response: { status: 404 } });
});

test("carries more than a window of output in order, and files of that size both ways", async () => {
  await using sandbox = deleting(await Sandbox.create({ name: "large", persistent: false }));
  const content = Buffer.from(Array.from({ length: 500_000 }, (_, line) => line).join("\n"));
  await sandbox.writeFiles([{ path: "lines", content }]);
  const command = await sandbox.runCommand("cat", ["lines"]);
  expect((await command.stdout()) === String(content)).toBe(true);
  expect(await sandbox.readFileToBuffer({ path: "lines" })).toEqual(content);
});

test(
  "goes on with what was kept after its worker was killed, and repeats nothing",
  async () => {
    const sandbox = await Sandbox.create({ name: "killed" });
    const first = await hostRun("killed");
    await sandbox.runCommand("sh", ["-c", "echo mark >> marks"]);
    const { command, pid } = await longCommand(sandbox);
    const waiting = command.wait();
    const foreground = sandbox.runCommand("sleep", ["1000"]).catch((thrown: unknown) => thrown);
    bench.killWorkers("SIGKILL");
    // A question is asked again of the next run, which knows that the command ended with the last one.
    expect((await waiting).exitCode).toBeGreaterThan(128);
    expect(String(await foreground)).toContain("has ended");
    expect((await runs.retrieve(first.id)).status).toMatch(DIED);
    await expect.poll(() => isRunning(pid), PATIENT).toBe(false);

    const again = await Sandbox.get({ name: "killed" });
    expect(String(await again.readFileToBuffer({ path: "marks" }))).toBe("mark\n");
    expect((await hostRun("killed")).id).not.toBe(first.id);
    await again.delete();
  },
  LONG,
);

test(
  "reports a sandbox as lost whose files are gone, and makes it anew only when it was deleted",
  async () => {
    const sandbox = await Sandbox.create({ name: "lost" });
    const { pid } = await longCommand(sandbox);
    bench.killWorkers("SIGKILL");
    await expect.poll(() => isRunning(pid), PATIENT).toBe(false);
    await expect.poll(async () => (await hostRun("lost")).status, PATIENT).toMatch(DIED);
    // The reaper has let go of the folder: nothing writes to it any more.
    await expect
      .poll(() => readdirSync(join(kept.path, "lost")), PATIENT)
      .not.toContain("engine.json");
    await rm(join(kept.path, "lost"), { recursive: true });
    expect(await faultOf(Sandbox.get({ name: "lost" }))).toBe("sandbox_lost");
    expect(await faultOf(Sandbox.getOrCreate({ name: "lost" }))).toBe("sandbox_lost");
    const listed = await (await Sandbox.list({ limit: 10 })).toArray();
    expect(listed).toContainEqual(expect.objectContaining({ name: "lost", status: "stopped" }));
    await sharedTransport(readSettings()).fetch("/vercel/v2/sandboxes/lost", { method: "DELETE" });
    await using anew = deleting(await Sandbox.create({ name: "lost", persistent: false }));
    expect((await anew.runCommand("ls")).exitCode).toBe(0);
  },
  LONG,
);

test(
  "stops the sandbox when its run is cancelled, and keeps it",
  async () => {
    const sandbox = await Sandbox.create({ name: "cancelled" });
    await sandbox.writeFiles([{ path: "file", content: "kept" }]);
    const { pid } = await longCommand(sandbox);
    const run = await hostRun("cancelled");
    await runs.cancel(run.id);
    await expect.poll(() => isRunning(pid), PATIENT).toBe(false);
    await expect.poll(async () => (await runs.retrieve(run.id)).status, PATIENT).toBe("CANCELED");
    const again = await Sandbox.get({ name: "cancelled" });
    expect(String(await again.readFileToBuffer({ path: "file" }))).toBe("kept");
    await again.delete();
  },
  LONG,
);

test("says of a port that nothing leads to it, and what to configure", async () => {
  await using sandbox = deleting(
    await Sandbox.create({ name: "ports", ports: [3000], persistent: false }),
  );
  expect(() => sandbox.domain(3000)).toThrow("SANDLOT_INGRESS");
  process.env["SANDLOT_INGRESS"] = "http://localhost:{port}";
  try {
    expect(sandbox.domain(3000)).toMatch(/^http:\/\/localhost:\d+$/);
  } finally {
    delete process.env["SANDLOT_INGRESS"];
  }
});

test("says the same to the vendor's unmodified SDK, in a program that was preloaded", async () => {
  const program = `
      import { Sandbox } from "@vercel/sandbox";
      const sandbox = await Sandbox.create({ name: "unmodified", ports: [3000], persistent: false });
      try { console.log(sandbox.domain(3000)); } catch (error) { console.log(error.code, error.message); }
      process.env.SANDLOT_INGRESS = "http://localhost:{port}";
      console.log(sandbox.domain(3000).replace(/\\d+$/, "PORT"));
      await sandbox.delete();
    `;
  await using folder = await programFolder({
    files: { "ports.mjs": program },
    packages: { "@vercel/sandbox": "@vercel/sandbox", sandlot: "sandlot" },
  });
  const { exitCode, stdout, stderr } = await runProgram(
    ["--import", "sandlot/register", "ports.mjs"],
    { cwd: folder.path, env: { SANDLOT_ENGINE: "trigger", ...bench.platform.env } },
  );
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  expect(stdout).toMatch(
    /^unsupported Port 3000 .* set SANDLOT_INGRESS .*\nhttp:\/\/localhost:PORT\n$/,
  );
});

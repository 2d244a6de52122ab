import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, watch } from "node:fs";
import { readFile, stat, writeFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { daemonProcess } from "../testing/daemon-process.ts";
import { runProgram } from "../testing/run-program.ts";
import { CALLERS_KEY, READ_CALLERS_KEY, withCallersKey } from "../testing/escape/callers-key.ts";
import { SYSTEM_CALLS } from "../testing/escape/system-calls.ts";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { temporaryHome } from "../testing/temporary-home.ts";
import { daemonStatus, stopDaemon } from "./daemon-control.ts";
import { keyringShield } from "./keyring-shield.ts";
import { packageVersion, PROTOCOL } from "./package-version.ts";
import { readSettings } from "./settings.ts";
import { besideFolder, socketPath, stateFolder } from "./state-folder.ts";
import { DaemonTransport } from "./transport-daemon.ts";

const own = { version: packageVersion(), protocol: PROTOCOL };
const caller = new URL("../testing/call-engine.ts", import.meta.url).pathname;

/** Makes a sandbox through the face, and gives its session's id. */
async function createSandbox(transport: DaemonTransport, name: string): Promise<string> {
  const response = await transport.fetch("/vercel/v3/sandboxes", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ projectId: "p", ports: [], name }),
  });
  expect(response.status).toBe(200);
  const { session } = (await response.json()) as { session: { id: string } };
  return session.id;
}

async function versionOf(
  transport: DaemonTransport,
): Promise<{ pid: number; version: string; home: string }> {
  const response = await transport.fetch("/sandlot/version");
  return (await response.json()) as { pid: number; version: string; home: string };
}

test("is started by the first call, and only this user can reach it", async () => {
  await using home = await temporaryHome();
  const transport = new DaemonTransport(home.settings);
  const { pid, version } = await versionOf(transport);
  expect({ pid: pid !== process.pid, version }).toEqual({ pid: true, version: own.version });
  const path = socketPath(home.home, own);
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(home.home)).mode & 0o777).toBe(0o700);
  expect((await stat(stateFolder(home.home).log)).mode & 0o777).toBe(0o600);
  expect((await versionOf(transport)).pid).toBe(pid);
  expect(await daemonStatus(home.settings)).toMatchObject({
    pid,
    kind: "daemon",
    busy: false,
    socketPath: path,
  });
});

test.runIf(process.platform === "linux")(
  "takes nothing of its first caller's environment that it does not need",
  async () => {
    await using home = await temporaryHome();
    const { exitCode, stdout } = await runProgram([caller], {
      env: { ...home.env, AWS_SECRET_ACCESS_KEY: "secret", NODE_OPTIONS: "--no-warnings" },
    });
    expect(exitCode).toBe(0);
    const environment = await readFile(`/proc/${stdout.trim()}/environ`, "utf8");
    expect(environment).toContain(`SANDLOT_HOME=${home.home}`);
    expect(environment).not.toMatch(/secret|NODE_OPTIONS/);
  },
);

test("is one for twenty callers that race for it", async () => {
  await using home = await temporaryHome();
  const calls = Array.from({ length: 20 }, () => runProgram([caller], { env: home.env }));
  const ended = await Promise.all(calls);
  expect(ended.map(({ exitCode, stderr }) => ({ exitCode, stderr }))).toEqual(
    Array.from({ length: 20 }, () => ({ exitCode: 0, stderr: "" })),
  );
  expect(new Set(ended.map(({ stdout }) => stdout)).size).toBe(1);
});

test("is replaced by the next call after kill -9, and keeps what it acknowledged", async () => {
  await using home = await temporaryHome();
  const transport = new DaemonTransport(home.settings);
  await createSandbox(transport, "kept");
  const { pid } = await versionOf(transport);
  process.kill(pid, "SIGKILL");
  const next = await versionOf(transport);
  expect(next.pid).not.toBe(pid);
  const found = await transport.fetch("/vercel/v2/sandboxes/kept");
  expect(found.status).toBe(200);
});

test("ends itself when nothing runs and nobody calls", async () => {
  await using home = await temporaryHome({ SANDLOT_IDLE_MS: "300" });
  const { report, exited } = await daemonProcess(home.env);
  expect(report).toEqual({ ready: { socketPath: socketPath(home.home, own) } });
  expect(await exited).toBe(0);
  expect(existsSync(socketPath(home.home, own))).toBe(false);
  expect(existsSync(stateFolder(home.home).holder)).toBe(false);
  expect(await readFile(stateFolder(home.home).log, "utf8")).toMatch(
    /it was idle\n.* daemon ended\n$/,
  );
});

// With commands that see the host's files, so that one can tell when it is done.
test("stays while a sandbox runs though nobody calls, and ends after that", async () => {
  await using home = await temporaryHome({ SANDLOT_IDLE_MS: "300", SANDLOT_ISOLATION: "process" });
  await using marks = await temporaryDirectory();
  const { child, exited } = await daemonProcess(home.env);
  const transport = new DaemonTransport(home.settings);
  const sessionId = await createSandbox(transport, "busy");
  const marked = once(watch(marks.path), "change");
  const session = `/vercel/v2/sandboxes/sessions/${sessionId}`;
  // Longer than a daemon with nothing to do would live.
  const script = `sleep 1; echo > '${marks.path}/done'`;
  const command = await transport.fetch(`${session}/cmd`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ command: "sh", args: ["-c", script], env: {}, sudo: false }),
  });
  expect(command.status).toBe(200);
  await command.text();
  await marked;
  expect(child.exitCode).toBeNull();
  const stopped = await transport.fetch(`${session}/stop`, { method: "POST" });
  expect(stopped.status).toBe(200);
  expect(await exited).toBe(0);
});

test("ends in order on SIGTERM; commands live on, and the next daemon has them", async () => {
  await using home = await temporaryHome();
  const { child, exited } = await daemonProcess(home.env);
  const transport = new DaemonTransport(home.settings);
  const sessionId = await createSandbox(transport, "living");
  const started = await transport.fetch(`/vercel/v2/sandboxes/sessions/${sessionId}/cmd`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      command: "sh",
      args: ["-c", "read line; echo got it"],
      env: {},
      sudo: false,
    }),
  });
  const { command } = (await started.json()) as { command: { id: string } };
  child.kill("SIGTERM");
  expect(await exited).toBe(0);
  const session = await transport.fetch(`/vercel/v2/sandboxes/sessions/${sessionId}`);
  expect(await session.json()).toMatchObject({ session: { status: "running" } });
  const ended = await transport.fetch(
    `/vercel/v2/sandboxes/sessions/${sessionId}/cmd/${command.id}?wait=true`,
  );
  expect(await ended.json()).toMatchObject({ command: { exitCode: 0 } });
});

test("does not keep its caller alive", async () => {
  await using home = await temporaryHome();
  const { exitCode, stderr } = await runProgram([caller], { env: home.env });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  // The second one found it running, which is another way through the code.
  expect((await runProgram([caller], { env: home.env })).exitCode).toBe(0);
});

async function otherVersion(home: string, busy = ""): Promise<AsyncDisposable & { pid: number }> {
  const program = new URL("../testing/other-version.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [program, home, busy], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return {
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    },
  };
}

test("takes the place of an idle daemon of another version, and says so", async () => {
  await using home = await temporaryHome();
  await using other = await otherVersion(home.home);
  const { stdout, stderr } = await runProgram([caller], { env: home.env });
  expect(Number(stdout)).not.toBe(other.pid);
  expect(stderr).toContain(
    `[SANDLOT_OTHER_VERSION] SandlotWarning: An idle Sandlot daemon of version 0.0.1 was replaced by one of version ${own.version}.`,
  );
  expect(await daemonStatus(home.settings)).toMatchObject({
    pid: Number(stdout),
    version: own.version,
  });
});

test("is started beside a busy daemon of another version, in a folder of its own, and says so", async () => {
  await using home = await temporaryHome();
  await using other = await otherVersion(home.home, "busy");
  const beside = besideFolder(home.home, own.version);
  const first = await runProgram([caller], { env: home.env });
  expect(first.stderr).toContain(
    `A Sandlot daemon of version 0.0.1 (process ${other.pid}) runs sandboxes in ${home.home}.`,
  );
  expect(first.stderr).toContain(`its state is in ${beside}.`);
  // It is found again, without a word.
  const second = await runProgram([caller], { env: home.env });
  expect(second).toEqual({ exitCode: 0, stdout: first.stdout, stderr: "" });
  await stopDaemon({ ...home.settings, home: beside });
});

test("says what stood in the way of its start", async () => {
  await using home = await temporaryHome();
  const { database } = stateFolder(home.home);
  await writeFile(database, "this is no database ".repeat(1_000));
  const transport = new DaemonTransport(home.settings);
  await expect(transport.fetch("/sandlot/version")).rejects.toMatchObject({
    message: expect.stringContaining(database),
  });
});

test("is refused when it keeps commands apart less than its caller asks for", async () => {
  await using home = await temporaryHome({ SANDLOT_ISOLATION: "process" });
  await versionOf(new DaemonTransport(home.settings));
  const strict = readSettings({ ...home.env, SANDLOT_ISOLATION: "namespaces" });
  await expect(new DaemonTransport(strict).fetch("/sandlot/version")).rejects.toMatchObject({
    code: "isolation_unavailable",
    message: expect.stringContaining("uses process"),
  });
});

test("can be stopped, and tells whether there was one", async () => {
  await using home = await temporaryHome();
  expect(await stopDaemon(home.settings)).toBe(false);
  const transport = new DaemonTransport(home.settings);
  const { pid } = await versionOf(transport);
  expect(await stopDaemon(home.settings)).toBe(true);
  expect(await daemonStatus(home.settings)).toBeUndefined();
  expect((await versionOf(transport)).pid).not.toBe(pid);
});

// With commands that are started as the daemon is, so that one can tell what it has.
test.skipIf(keyringShield().length === 0)(
  "is started without the keys of its first caller",
  async () => {
    await using home = await temporaryHome({ SANDLOT_ISOLATION: "process" });
    const [execPath, ...args] = [...withCallersKey, process.execPath, caller];
    const started = await runProgram(args, { env: home.env, execPath });
    expect(started.exitCode).toBe(0);
    const transport = new DaemonTransport(home.settings);
    const sessionId = await createSandbox(transport, "keyless");
    const answer = await transport.fetch(`/vercel/v2/sandboxes/sessions/${sessionId}/cmd`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({
        command: "sh",
        args: ["-c", `{ ${READ_CALLERS_KEY} } 2>&1 | grep ${CALLERS_KEY.value}`],
        env: { ...SYSTEM_CALLS },
        sudo: false,
        wait: true,
      }),
    });
    expect(await answer.text()).toContain('"exitCode":1');
  },
);

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import getPort from "get-port";
import { daemonStatus, readSettings, stopDaemon } from "sandlot/host";
import { beforeAll, expect, test } from "vitest";
import { runProgram } from "../lib/testing/run-program.ts";
import { temporaryDirectory } from "../lib/testing/temporary-directory.ts";
import { buildIfStale, LIBRARY, STUDIO } from "./build-studio.ts";

const ROOT = join(import.meta.dirname, "..");
const PROGRAM = join(ROOT, "scripts/studio.js");

interface Started extends AsyncDisposable {
  url: string;
  /** What was started: the studio, or npm, whose group all of it is. */
  child: ChildProcess;
  /** Resolves when the last process that was started for it has ended. */
  gone: Promise<unknown>;
  hasDaemon(): Promise<boolean>;
}

/** The studio with a state folder of its own, which takes requests. */
async function started(
  program: string,
  args: readonly string[],
  engine: "daemon" | "embedded",
): Promise<Started> {
  const home = await temporaryDirectory();
  const settings = readSettings({ SANDLOT_HOME: home.path, SANDLOT_ENGINE: "daemon" });
  const port = await getPort();
  const child = spawn(program, [...args, "--no-open", "--port", String(port)], {
    cwd: ROOT,
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: home.path,
      SANDLOT_HOME: home.path,
      SANDLOT_ENGINE: engine,
      SANDLOT_LOCAL_MODELS: "off",
    },
    // A group of its own, as a terminal gives it.
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  // Each of its processes has this end of the pipe; the daemon has not.
  const gone = once(child.stdout, "end");
  const ready = Promise.withResolvers<void>();
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    output += piece;
    if (output.includes("Ctrl+C ends it")) ready.resolve();
  });
  void gone.then(() => ready.reject(new Error(`it ended before it was ready: ${output}`)));
  await ready.promise;
  const hasDaemon = async (): Promise<boolean> => (await daemonStatus(settings)) !== undefined;
  return {
    url: `http://127.0.0.1:${port}`,
    child,
    gone,
    hasDaemon,
    async [Symbol.asyncDispose]() {
      signalGroup(child, "SIGKILL");
      await gone;
      await stopDaemon(settings, { stopSandboxes: true });
      await home[Symbol.asyncDispose]();
    },
  };
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) throw new Error("it was never started");
  try {
    process.kill(-pid, signal);
  } catch {
    // All of it is gone.
  }
}

/** A window that has a project open: its events go on until somebody ends them. */
async function openProject(url: string): Promise<Response> {
  const created = await fetch(`${url}/api/projects`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  const { id } = (await created.json()) as { id: string };
  return fetch(`${url}/api/projects/${id}/events`);
}

// Once, rather than by the first of the tests.
beforeAll(async () => {
  const options = { signal: new AbortController().signal, say: () => undefined };
  await buildIfStale(ROOT, LIBRARY, options);
  await buildIfStale(ROOT, STUDIO, options);
});

test.each([
  ["Ctrl+C in its terminal", "SIGINT"],
  ["its terminal being closed", "SIGHUP"],
] as const)("ends by %s with all open streams, and the daemon stays", async (_by, signal) => {
  await using studio = await started(process.execPath, [PROGRAM], "daemon");
  // Begins the daemon, too.
  await (await fetch(`${studio.url}/api/sandboxes`)).text();
  const events = await openProject(studio.url);
  const ended = once(studio.child, "exit");
  signalGroup(studio.child, signal);
  expect(await ended).toEqual([0, null]);
  await studio.gone;
  expect(await events.text()).toContain('"type":"snapshot"');
  await expect(fetch(studio.url)).rejects.toThrow("fetch failed");
  expect(await studio.hasDaemon()).toBe(true);
});

test("leaves nothing that serves when it is killed", async () => {
  await using studio = await started(process.execPath, [PROGRAM], "embedded");
  await (await fetch(studio.url)).text();
  studio.child.kill("SIGKILL");
  await studio.gone;
  await expect(fetch(studio.url)).rejects.toThrow("fetch failed");
});

test("ends with npm, which passes on to its shell only what it is told to end by", async () => {
  await using studio = await started("npm", ["start", "--silent", "--"], "embedded");
  studio.child.kill("SIGTERM");
  await studio.gone;
  await expect(fetch(studio.url)).rejects.toThrow("fetch failed");
});

test("says at once who has the port that was asked for", async () => {
  await using other = createServer();
  await once(other.listen(0, "127.0.0.1"), "listening");
  const { port } = other.address() as AddressInfo;
  expect(await runProgram([PROGRAM, "--port", String(port)])).toEqual({
    exitCode: 1,
    stdout: "",
    stderr: `The studio cannot listen on port ${port}: another program has it. Choose another one with --port, or leave --port out to take the next free one.\n`,
  });
});

test.each([
  [
    ["--host", "203.0.113.7"],
    1,
    /^The studio cannot listen on 203\.0\.113\.7: this machine has no such address\./,
  ],
  [["--port", "http"], 2, /^--port must be a number from 1 to 65535, and http is none\.\n$/],
  [
    ["--prot", "3000"],
    2,
    /^Unknown option '--prot'.*\nThere are: --dev, --port, --host, --no-open\n$/,
  ],
])("refuses %j before anything is built", async (args, code, message) => {
  const { exitCode, stdout, stderr } = await runProgram([PROGRAM, ...args]);
  expect({ exitCode, stdout }).toEqual({ exitCode: code, stdout: "" });
  expect(stderr).toMatch(message);
});

test.each([
  [{ SANDLOT_ENGINE: "cloudy" }, /^SANDLOT_ENGINE .*cloudy.*\n$/],
  [
    // A file is no folder that anybody could write to.
    { SANDLOT_HOME: join(PROGRAM, "state") },
    /^The studio keeps projects in .*state, but .*studio\.js is no folder that you can write to\. Name a folder that is yours in SANDLOT_HOME\.\n$/,
  ],
])("refuses %j instead of failing at the first project", async (env, message) => {
  const { exitCode, stdout, stderr } = await runProgram([PROGRAM], { env });
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  expect(stderr).toMatch(message);
});

test("tells a Node that is too old what to do, instead of failing at its own sources", async () => {
  const older = `Object.defineProperty(process.versions, "node", { value: "20.20.2" })`;
  const flags = ["--import", `data:text/javascript,${encodeURIComponent(older)}`];
  expect(await runProgram([...flags, PROGRAM])).toEqual({
    exitCode: 1,
    stdout: "",
    stderr:
      "The studio cannot start on Node 20.20.2: it needs 22.18 or newer. `npm ci` brings one along, which `npm start` then uses; if it was left out (`--omit=optional`), install Node 24 and try again.\n",
  });
});

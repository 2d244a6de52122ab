import { execFile } from "node:child_process";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { Cleanup } from "../std/cleanup.ts";
import { clientHome } from "../testing/client-home.ts";
import { programFolder } from "../testing/program-folder.ts";
import type { Ended } from "../testing/run-program.ts";
import { temporaryHome } from "../testing/temporary-home.ts";
import { COMMANDS } from "./commands.ts";
import { openConsole } from "./console.ts";
import { run } from "./run.ts";

const MAIN = fileURLToPath(new URL("./main.ts", import.meta.url));
const cleanup = new Cleanup();
let home = "";

beforeAll(async () => {
  const own = await clientHome({ SANDLOT_TEST_CONTROLS: "1" });
  cleanup.add(() => own[Symbol.asyncDispose]());
  ({ home } = own);
});

afterAll(() => cleanup[Symbol.asyncDispose]());

/** The command line in this process: how it starts as a program is looked at elsewhere. */
async function sandlot(...args: string[]): Promise<Ended> {
  const texts = { stdout: "", stderr: "" };
  const into = (name: keyof typeof texts) =>
    new Writable({
      decodeStrings: false,
      write(text: string, _encoding, done) {
        texts[name] += text;
        done();
      },
    });
  const console = openConsole({ stdout: into("stdout"), stderr: into("stderr") });
  const { signal } = new AbortController();
  const exitCode = await run(args, { console, signal, commands: COMMANDS, version: "0" });
  return { exitCode, ...texts };
}

async function json(...args: string[]): Promise<unknown> {
  const { exitCode, stdout, stderr } = await sandlot(...args, "--json");
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  return JSON.parse(stdout);
}

test("env e2b prints lines for a shell, with which faults, requests and time work on e2b's own client", async () => {
  await using programs = await programFolder({
    files: {
      "app.mjs": `
        import { Sandbox } from "e2b";
        const sandbox = await Sandbox.create({ timeoutMs: 60_000, metadata: { by: "app" } });
        console.log(sandbox.sandboxId);
        await sandbox.setTimeout(300_000).catch((error) => console.log(error.constructor.name));`,
    },
    packages: { e2b: "e2b" },
  });
  const { id } = (await json(
    "faults",
    "add",
    "--face=e2b",
    "--path=/sandboxes/*/timeout",
    "--status=401",
  )) as { id: string };
  const script = `eval "$("$NODE" "$MAIN" env e2b --shell sh)" && "$NODE" app.mjs`;
  const { stdout } = await promisify(execFile)("sh", ["-c", script], {
    cwd: programs.path,
    env: {
      PATH: process.env["PATH"] ?? "",
      SANDLOT_HOME: home,
      NODE: process.execPath,
      MAIN,
    },
  });
  const [sandboxId = "", failed] = stdout.trim().split("\n");
  expect(failed).toBe("AuthenticationError");
  expect(await json("faults")).toMatchObject([{ id, matched: 1, applied: 1 }]);
  const requests = (await json("requests")) as { path: string; status: number; sandbox?: string }[];
  expect(requests.map(({ path, status }) => `${status} ${path}`)).toEqual([
    "201 /v2/sandboxes",
    `401 /sandboxes/${sandboxId}/timeout`,
  ]);
  expect(requests[1]?.sandbox).toEqual(expect.any(String));
  expect(await json("ls")).toHaveLength(1);
  await sandlot("clock", "advance", "2m");
  // What e2b's sandboxes do at their timeout by default.
  expect(await json("ls", "--all")).toEqual([]);
  expect((await sandlot("faults", "clear")).exitCode).toBe(0);
  expect(await json("faults")).toEqual([]);
});

test("env daytona prints the variables as JSON, too, and the lines that undo them", async () => {
  expect(await json("env", "daytona")).toEqual({
    DAYTONA_API_KEY: expect.stringMatching(/^[0-9a-f]{64}$/),
    DAYTONA_API_URL: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/daytona$/),
  });
  const { stdout } = await sandlot("env", "daytona", "--unset", "--shell", "sh");
  expect(stdout).toBe("unset DAYTONA_API_KEY\nunset DAYTONA_API_URL\n");
  const status = await sandlot("daemon", "status");
  expect(status.stdout).toContain("idle: ends itself after 7d without a call");
});

test("env e2b --tls prints what names need", async () => {
  const variables = (await json("env", "e2b", "--tls")) as Record<string, string>;
  expect(Object.keys(variables)).toEqual([
    "E2B_API_KEY",
    "E2B_DOMAIN",
    "E2B_VOLUME_API_URL",
    "NODE_EXTRA_CA_CERTS",
    "NODE_OPTIONS",
  ]);
  expect(variables["E2B_DOMAIN"]).toMatch(/^e2b\.localhost:\d+$/);
  expect(variables["NODE_OPTIONS"]).toMatch(/^--import=file:.*\/register\/names\.js$/);
});

test("clock shows, moves, and lets one sandbox's timeout pass", async () => {
  const { now } = (await json("clock")) as { now: number };
  const moved = (await json("clock", "advance", "1h30m")) as { now: number };
  expect(moved.now - now).toBeGreaterThanOrEqual(90 * 60_000);
  expect((await sandlot("clock")).stdout).toMatch(/, 1h 3\dm ahead of the machine\n$/);
  expect(await sandlot("clock", "expire", "nobody")).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining("nobody"),
  });
});

test.each([
  [["env", "modal"], "no vendor that Sandlot stands in for"],
  [["env", "daytona", "--tls"], "--tls is for e2b"],
  [["faults", "add"], "one of --status, --delay and --cut"],
  [["faults", "add", "--status", "200"], "action.status"],
  [
    ["faults", "add", "--delay", "1s", "--message", "slow"],
    "--message and --header are for --status",
  ],
  [["faults", "add", "--delay", "soon"], '"soon" is no length of time'],
  [["faults", "add", "--cut", "1", "--face", "modal"], "face"],
  [["clock", "advance", "5"], '"5" is no length of time'],
])("explains what is wrong with %j", async (args, message) => {
  const { exitCode, stderr } = await sandlot(...args);
  expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(message) });
});

test("refuses to touch an engine that was not opened for tests", async () => {
  await using plain = await temporaryHome();
  for (const [name, value] of Object.entries(plain.env)) vi.stubEnv(name, value);
  vi.stubEnv("SANDLOT_TEST_CONTROLS", "0");
  const { exitCode, stderr } = await sandlot("clock");
  expect({ exitCode, stderr }).toEqual({
    exitCode: 5,
    stderr: expect.stringContaining("SANDLOT_TEST_CONTROLS=1"),
  });
});

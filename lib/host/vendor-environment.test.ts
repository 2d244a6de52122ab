import { readFile, stat } from "node:fs/promises";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Cleanup } from "../std/cleanup.ts";
import { programFolder } from "../testing/program-folder.ts";
import { runProgram } from "../testing/run-program.ts";
import { temporaryHome } from "../testing/temporary-home.ts";
import { daemonStatus, stopDaemon } from "./daemon-control.ts";
import type { Settings } from "./settings.ts";
import { startDaemon } from "./start-daemon.ts";
import { stateFolder } from "./state-folder.ts";
import { e2bNamesEnvironment, vendorEnvironment } from "./vendor-environment.ts";

// Programs of the vendors' unmodified packages, as a user writes them.
const E2B = `
  import { Sandbox } from "e2b";
  const sandbox = await Sandbox.create();
  const { stdout } = await sandbox.commands.run("echo $USER; pwd");
  await sandbox.files.write("a.txt", "written");
  const read = await sandbox.files.read("/home/user/a.txt");
  // A program in the sandbox that knows the address and the key.
  const { E2B_API_URL, E2B_API_KEY } = process.env;
  const script = "fetch(process.env.URL, { headers: { 'x-api-key': process.env.KEY } })" +
    ".then(({ status }) => console.log(status), () => console.log('unreachable'))";
  const call = await sandbox.commands.run('node -e "' + script + '"', { envs: { URL: E2B_API_URL + "/v2/sandboxes", KEY: E2B_API_KEY } });
  const pages = await Sandbox.list().nextItems();
  const killed = await sandbox.kill();
  console.log(JSON.stringify({ stdout, read, fromInside: call.stdout, listed: pages.some((each) => each.sandboxId === sandbox.sandboxId), killed }));`;

const E2B_NAMES = `
  import { Sandbox } from "e2b";
  const sandbox = await Sandbox.create();
  const server = await sandbox.commands.run(
    "node -e 'require(\\"http\\").createServer((q, s) => s.end(q.headers.host)).listen(3000, () => console.log(1))'",
    { background: true, onStdout: () => up() },
  );
  var up;
  await new Promise((resolve) => { up = resolve; server.wait().catch(resolve); });
  const host = sandbox.getHost(3000);
  const body = await (await fetch("https://" + host + "/")).text();
  await sandbox.kill();
  console.log(JSON.stringify({ host, body }));`;

const DAYTONA = `
  import { Daytona } from "@daytona/sdk";
  const daytona = new Daytona();
  const sandbox = await daytona.create();
  const { result, exitCode } = await sandbox.process.executeCommand("echo $USER; pwd; exit 3");
  const { url, token } = await sandbox.getPreviewLink(3000);
  const without = (await fetch(url)).status;
  const withToken = (await fetch(url, { headers: { "x-daytona-preview-token": token } })).status;
  await sandbox.delete();
  console.log(JSON.stringify({ result, exitCode, without, withToken }));`;

const cleanup = new Cleanup();
let settings: Settings;
let home = "";
let programs: Awaited<ReturnType<typeof programFolder>>;

beforeAll(async () => {
  const own = await temporaryHome();
  ({ settings, home } = own);
  cleanup.add(() => own[Symbol.asyncDispose]());
  programs = await programFolder({
    files: { "e2b.mjs": E2B, "names.mjs": E2B_NAMES, "daytona.mjs": DAYTONA },
    packages: { e2b: "e2b", "@daytona/sdk": "@daytona/sdk" },
  });
  cleanup.add(() => programs[Symbol.asyncDispose]());
});

afterAll(() => cleanup[Symbol.asyncDispose]());

async function run(file: string, env: Record<string, string>): Promise<unknown> {
  const ended = await runProgram([programs.file(file)], { cwd: programs.path, env });
  expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
  return JSON.parse(ended.stdout);
}

test("is all that an unmodified program of e2b's needs", async () => {
  const env = await vendorEnvironment("e2b", settings);
  expect(env["E2B_API_KEY"]).toMatch(/^e2b_[0-9a-f]{40}$/);
  expect(await run("e2b.mjs", env)).toEqual({
    stdout: "user\n/home/user\n",
    read: "written",
    // With namespaces, which is what the engine takes where it can.
    fromInside: (await daemonStatus(settings))?.isolation === "process" ? "200\n" : "unreachable\n",
    listed: true,
    killed: true,
  });
});

test("is all that an unmodified program of Daytona's needs, private previews included", async () => {
  const env = await vendorEnvironment("daytona", settings);
  expect(await run("daytona.mjs", env)).toEqual({
    result: "daytona\n/home/daytona\n",
    exitCode: 3,
    without: 401,
    // Let in, but nothing listens there.
    withToken: 502,
  });
});

test("gives each port a name of its own, by a certificate that only those trust who are told to", async () => {
  const env = await e2bNamesEnvironment(settings);
  const preload = fileURLToPath(new URL("../register/names.ts", import.meta.url));
  const found = await run("names.mjs", { ...env, NODE_OPTIONS: `--import=${preload}` });
  const { host, body } = found as { host: string; body: string };
  expect(host).toMatch(/^3000-[a-z0-9]+\.e2b\.localhost:\d+$/);
  expect(body).toBe(host);
  expect(host.endsWith(`.${env["E2B_DOMAIN"]}`)).toBe(true);
  expect((await stat(stateFolder(home).names)).mode & 0o777).toBe(0o700);
  expect(await readFile(env["NODE_EXTRA_CA_CERTS"]!, "utf8")).not.toContain("PRIVATE");
});

test("keeps the daemon, and its addresses through the daemon's death", async () => {
  const before = await vendorEnvironment("e2b", settings);
  const { E2B_DOMAIN } = await e2bNamesEnvironment(settings);
  expect((await daemonStatus(settings))?.idleMs).toBe(7 * 24 * 60 * 60 * 1_000);
  await stopDaemon(settings);
  await startDaemon(settings);
  // Without being asked for again: programs hold the addresses.
  const headers = { "x-api-key": before["E2B_API_KEY"] ?? "" };
  expect((await fetch(`${before["E2B_API_URL"]}/v2/sandboxes`, { headers })).status).toBe(200);
  const named = connect({ host: "127.0.0.1", port: Number(E2B_DOMAIN?.split(":")[1]) });
  await once(named, "connect");
  named.destroy();
  expect(await vendorEnvironment("e2b", settings)).toEqual(before);
  expect((await e2bNamesEnvironment(settings))["E2B_DOMAIN"]).toBe(E2B_DOMAIN);
});

test("takes another port when somebody else has the one of before", async () => {
  const { E2B_API_URL: before = "" } = await vendorEnvironment("e2b", settings);
  await stopDaemon(settings);
  const taker = createServer().listen(Number(new URL(before).port), "127.0.0.1");
  await once(taker, "listening");
  try {
    const { E2B_API_URL: after = "" } = await vendorEnvironment("e2b", settings);
    expect(after).not.toBe(before);
    expect((await fetch(`${after}/sandboxes`)).status).toBe(401);
  } finally {
    taker.close();
  }
});

test("listens on this machine's own address alone, and lets no page and no stranger in", async () => {
  const { DAYTONA_API_URL: url = "", DAYTONA_API_KEY: token = "" } = await vendorEnvironment(
    "daytona",
    settings,
  );
  const { E2B_API_KEY: key = "", E2B_API_URL: e2bUrl = "" } = await vendorEnvironment(
    "e2b",
    settings,
  );
  const { hostname, port } = new URL(url);
  expect(hostname).toBe("127.0.0.1");
  const elsewhere = connect({ host: "127.0.0.2", port: Number(port) });
  await expect(once(elsewhere, "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  const status = async (at: string, headers: Record<string, string>) =>
    (await fetch(at, { headers })).status;
  const bearer = { authorization: `Bearer ${token}` };
  expect(await status(`${url}/sandbox`, bearer)).toBe(200);
  expect(await status(`${url}/sandbox`, { authorization: `Bearer ${key}` })).toBe(401);
  expect(await status(`${url}/sandbox`, { ...bearer, origin: "https://evil.example" })).toBe(403);
  expect(await status(`${e2bUrl}/v2/sandboxes`, { "x-api-key": key })).toBe(200);
  expect(await status(`${e2bUrl}/v2/sandboxes`, { "x-api-key": token })).toBe(401);
  const socket = new WebSocket(`${url.replace("http", "ws")}/toolbox/x/process/pty/y/connect`);
  const [, response] = (await once(socket, "unexpected-response")) as [
    unknown,
    { statusCode: number },
  ];
  expect(response.statusCode).toBe(401);
  socket.on("error", () => undefined); // It never opened.
  socket.terminate();
});

test("is made from the token for an engine at a URL", async () => {
  const env = await vendorEnvironment("e2b", settings);
  const { DAYTONA_API_KEY: token = "" } = await vendorEnvironment("daytona", settings);
  const engine = { kind: "http", url: new URL(env["E2B_API_URL"]!).origin } as const;
  expect(await vendorEnvironment("e2b", { ...settings, engine, token })).toEqual(env);
  await expect(vendorEnvironment("e2b", { ...settings, engine })).rejects.toMatchObject({
    code: "unauthorized",
  });
  await expect(e2bNamesEnvironment({ ...settings, engine, token })).rejects.toMatchObject({
    code: "unsupported",
    message: expect.stringContaining("a name of its own"),
  });
});

test.each(["embedded", "vercel", "trigger"] as const)(
  "is not there for %s engines",
  async (kind) => {
    await expect(vendorEnvironment("e2b", { ...settings, engine: { kind } })).rejects.toMatchObject(
      {
        code: "unsupported",
      },
    );
  },
);

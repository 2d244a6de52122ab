import { readFile, stat } from "node:fs/promises";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { daemonProcess } from "../testing/daemon-process.ts";
import { temporaryHome } from "../testing/temporary-home.ts";
import { daemonStatus } from "./daemon-control.ts";
import { stateFolder } from "./state-folder.ts";
import { HttpTransport } from "./transport-http.ts";

/** A request with headers that fetch would not send. */
async function ask(
  url: string,
  headers: Record<string, string>,
): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const asking = request(url, { headers, agent: false }, (response) => {
    text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
  });
  asking.on("error", reject).end();
  return promise;
}

async function listeningDaemon() {
  const home = await temporaryHome({ SANDLOT_LISTEN: "auto" });
  await daemonProcess(home.env);
  const { url = "" } = (await daemonStatus(home.settings)) ?? {};
  const token = (await readFile(stateFolder(home.home).token, "utf8")).trim();
  return { home, url, token, [Symbol.asyncDispose]: () => home[Symbol.asyncDispose]() };
}

test("serves the API on a port of this machine to whoever has the token", async () => {
  await using daemon = await listeningDaemon();
  expect(daemon.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect((await stat(stateFolder(daemon.home.home).token)).mode & 0o777).toBe(0o600);
  const transport = new HttpTransport({ url: daemon.url, token: daemon.token });
  const response = await transport.fetch("/vercel/v2/sandboxes");
  expect(await response.json()).toEqual({ sandboxes: [], pagination: { count: 0, next: null } });
});

test("refuses callers without the token and web pages with it, on every path", async () => {
  await using daemon = await listeningDaemon();
  const good = { authorization: `Bearer ${daemon.token}` };
  const { host } = new URL(daemon.url);
  for (const path of ["/vercel/v2/sandboxes", "/sandlot/version", "/health", "/nothing"]) {
    const status = async (headers: Record<string, string>) =>
      (await ask(`${daemon.url}${path}`, { host, ...headers })).status;
    expect(await status({})).toBe(401);
    expect(await status({ authorization: "Bearer x" })).toBe(401);
    expect(await status({ ...good, host: "rebound.example" })).toBe(403);
    expect(await status({ ...good, origin: "https://evil.example" })).toBe(403);
    expect(await status({ ...good, "sec-fetch-site": "cross-site" })).toBe(403);
  }
});

test("tells a client what is wrong with its setting", async () => {
  await using daemon = await listeningDaemon();
  await expect(
    new HttpTransport({ url: daemon.url }).fetch("/vercel/v2/sandboxes"),
  ).rejects.toMatchObject({
    code: "unauthorized",
    message: `the engine at ${daemon.url} asks for a token. Put what its file \`token\` holds into SANDLOT_TOKEN.`,
  });
  await expect(new HttpTransport({ url: "http://127.0.0.1:1" }).fetch("/x")).rejects.toMatchObject({
    code: "engine_unavailable",
    message: expect.stringMatching(
      /^the engine at http:\/\/127\.0\.0\.1:1 cannot be used: .*\. SANDLOT_ENGINE names it\.$/,
    ),
  });
});

test("says that its port is taken", async () => {
  await using daemon = await listeningDaemon();
  await using other = await temporaryHome({ SANDLOT_LISTEN: new URL(daemon.url).host });
  const { report, exited } = await daemonProcess({ ...other.env, SANDLOT_LOG_LEVEL: "silent" });
  expect(report).toMatchObject({
    error: { code: "engine_unavailable", message: expect.stringContaining("EADDRINUSE") },
  });
  expect(await exited).toBe(1);
});

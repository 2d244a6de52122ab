import { expect, test } from "vitest";
import { runProgram } from "../testing/run-program.ts";
import { temporaryHome } from "../testing/temporary-home.ts";
import { DaemonTransport } from "./transport-daemon.ts";
import { EmbeddedTransport } from "./transport-embedded.ts";

const caller = new URL("../testing/call-engine.ts", import.meta.url).pathname;
const creator = new URL("../testing/create-sandbox.ts", import.meta.url).pathname;

test("serves the API in this process, and answers as from the URL that was asked for", async () => {
  await using home = await temporaryHome();
  const transport = new EmbeddedTransport(home.settings);
  const version = await transport.fetch("/sandlot/version");
  expect(version.url).toBe("http://localhost/sandlot/version");
  expect(await version.json()).toMatchObject({ pid: process.pid, home: home.home });
  const list = await transport.fetch("/vercel/v2/sandboxes?limit=1");
  expect(await list.json()).toEqual({ sandboxes: [], pagination: { count: 0, next: null } });
  await transport.close();
});

test("locks the state folder against every other engine, and gives it back", async () => {
  await using home = await temporaryHome();
  const transport = new EmbeddedTransport(home.settings);
  await transport.fetch("/health");
  const inUse = {
    code: "engine_unavailable",
    message: expect.stringContaining(
      `The state folder ${home.home} is in use by an embedded engine in process ${process.pid}. Set SANDLOT_ENGINE=daemon`,
    ),
  };
  await expect(new EmbeddedTransport(home.settings).fetch("/health")).rejects.toMatchObject(inUse);
  await expect(new DaemonTransport(home.settings).fetch("/health")).rejects.toMatchObject(inUse);
  await transport.close();
  const daemon = await new DaemonTransport(home.settings).fetch("/health");
  expect(daemon.status).toBe(200);
  await expect(transport.fetch("/health")).rejects.toMatchObject({
    code: "engine_unavailable",
    message: expect.stringContaining("Set SANDLOT_ENGINE=daemon to share it"),
  });
});

test("lets its program end by itself, and stops its sandboxes with it", async () => {
  await using home = await temporaryHome();
  const env = { ...home.env, SANDLOT_ENGINE: "embedded" };
  expect(await runProgram([caller], { env })).toMatchObject({ exitCode: 0, stderr: "" });
  const { exitCode, stdout, stderr } = await runProgram([creator, "left-behind"], { env });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
  const found = await new DaemonTransport(home.settings).fetch("/vercel/v2/sandboxes/left-behind");
  expect(await found.json()).toMatchObject({
    sandbox: { name: "left-behind", status: "stopped" },
    session: { id: stdout.trim(), status: "stopped" },
  });
});

test("stops reading when its caller leaves", async () => {
  await using home = await temporaryHome();
  const transport = new EmbeddedTransport(home.settings);
  const controller = new AbortController();
  controller.abort(new Error("left"));
  await expect(
    transport.fetch("/vercel/v2/sandboxes", { signal: controller.signal }),
  ).rejects.toThrow("left");
  await transport.close();
});

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Sandbox as VendorSandbox } from "@vercel/sandbox";
import { expect, test } from "vitest";
import type { HostedSandbox } from "../../contract/carrier.ts";
import { carriedCaller } from "../../testing/carried-caller.ts";
import { listLog } from "../../testing/list-log.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { readSettings } from "../settings.ts";
import { CallerDesk } from "./caller-desk.ts";
import { EngineHost } from "./engine-host.ts";

/** A host over a folder, a caller of it, and what the host told. */
async function hosted(home: string, { address = "run_1", idleMs = 60_000 } = {}) {
  const told: HostedSandbox[] = [];
  const deleted: string[] = [];
  const { write, log, credentials } = carriedCaller(address, (record) => host.receive(record));
  const host = await EngineHost.open({
    settings: readSettings({ SANDLOT_HOME: home, SANDLOT_ISOLATION: "process" }),
    name: "one",
    address,
    write,
    changed: async (state) => void told.push(state),
    deleted: async () => void deleted.push("one"),
    log: listLog(),
    idleMs,
  });
  return { host, told, deleted, log, credentials };
}

test("serves the vendor's own classes by records: commands with live output, files, an end", async () => {
  await using home = await temporaryDirectory();
  const { host, told, deleted, credentials } = await hosted(home.path);
  await using _ = host;
  const sandbox = await VendorSandbox.create({ ...credentials, name: "one", persistent: false });
  expect(told).toMatchObject([{ kind: "sandlot", state: "running", sandbox: { name: "one" } }]);
  const command = await sandbox.runCommand({
    cmd: "sh",
    args: ["-c", "echo one; read line; echo two >&2; exit 3"],
    detached: true,
  });
  const seen: string[] = [];
  for await (const { stream, data } of command.logs()) {
    seen.push(`${stream}:${data}`);
    if (seen.length === 1) await command.kill();
  }
  expect(seen[0]).toBe("stdout:one\n");
  await sandbox.writeFiles([{ path: "a.txt", content: Buffer.from("from outside") }]);
  expect(String(await sandbox.readFileToBuffer({ path: "a.txt" }))).toBe("from outside");
  await sandbox.delete();
  expect(deleted).toEqual(["one"]);
  expect(await host.ended).toBe("deleted");
});

test("does nothing twice", async () => {
  await using home = await temporaryDirectory();
  const { host, log, credentials } = await hosted(home.path);
  await using _ = host;
  const sandbox = await VendorSandbox.create({ ...credentials, name: "one", persistent: false });
  await sandbox.runCommand("sh", ["-c", "echo again >> marks"]);
  for (const record of log) host.receive(JSON.parse(record));
  expect(String(await sandbox.readFileToBuffer({ path: "marks" }))).toBe("again\n");
});

test("does nothing that was asked of another host", async () => {
  await using home = await temporaryDirectory();
  const first = await hosted(home.path);
  await (await VendorSandbox.create({ ...first.credentials, name: "one" })).delete();
  const sandbox = await VendorSandbox.create({ ...first.credentials, name: "one" });
  await sandbox.writeFiles([{ path: "file", content: "kept" }]);
  await first.host.stopSandbox();
  expect(first.told.at(-1)).toMatchObject({ state: "stopped", sandbox: { status: "stopped" } });
  await first.host[Symbol.asyncDispose]();

  // It reads the same log from its beginning, in which the sandbox is deleted.
  const second = await hosted(home.path, { address: "run_2" });
  await using _second = second.host;
  for (const record of first.log) second.host.receive(JSON.parse(record));
  second.host.receive({ kind: "close" });
  const again = await VendorSandbox.get({ ...second.credentials, name: "one" });
  expect(String(await again.readFileToBuffer({ path: "file" }))).toBe("kept");
  expect(second.deleted).toEqual([]);
});

test("ends when nothing runs and nobody asks, and says so", async () => {
  await using home = await temporaryDirectory();
  const { host, told, credentials } = await hosted(home.path, { idleMs: 50 });
  await using _ = host;
  const sandbox = await VendorSandbox.create({ ...credentials, name: "one", persistent: false });
  await sandbox.stop();
  expect(await host.ended).toBe("idle");
  expect(told.at(-1)).toMatchObject({ state: "stopped" });
});

test("tells callers that wait when the host ends", async () => {
  await using home = await temporaryDirectory();
  const { host, credentials } = await hosted(home.path);
  const sandbox = await VendorSandbox.create({ ...credentials, name: "one", persistent: false });
  const command = await sandbox.runCommand({ cmd: "sleep", args: ["600"], detached: true });
  const waiting = command.wait();
  waiting.catch(() => undefined);
  await host.stopSandbox();
  await host[Symbol.asyncDispose]();
  await expect(waiting).resolves.toMatchObject({ exitCode: expect.any(Number) });
  expect(existsSync(join(home.path, "engine.json"))).toBe(false);
  expect(readdirSync(home.path)).toContain("state.db");
});

test("tells neither the environment nor a rule's secrets", async () => {
  await using home = await temporaryDirectory();
  const { host, told, credentials } = await hosted(home.path);
  await using _ = host;
  await using sandbox = await VendorSandbox.create({
    ...credentials,
    name: "one",
    persistent: false,
    env: { API_KEY: "s3cret" },
  });
  expect(sandbox.name).toBe("one");
  expect(JSON.stringify(told)).not.toContain("s3cret");
});

test("refuses callers of another protocol, in words that say what to do", async () => {
  const other = carriedCaller("run_1", (record) => desk.receive(record), 99);
  const desk = new CallerDesk({
    address: "run_1",
    write: other.write,
    handle: async () => new Response("never"),
    log: listLog(),
  });
  await expect(
    other.credentials.fetch("https://vercel.com/api/v2/sandboxes"),
  ).rejects.toMatchObject({
    code: "engine_unavailable",
    message: expect.stringContaining("protocol 99"),
  });
});

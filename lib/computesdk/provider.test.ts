import type { ProviderSandbox } from "@computesdk/provider";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Sandbox } from "../trigger-client/index.ts";
import { clientHome } from "../testing/client-home.ts";
import { createParameters } from "./create-parameters.ts";
import { sandlot } from "./index.ts";

const provider = sandlot({ timeout: 120_000, ports: [4500] });
let home: Awaited<ReturnType<typeof clientHome>>;
let sandbox: ProviderSandbox<Sandbox>;

beforeAll(async () => {
  home = await clientHome();
  sandbox = await provider.sandbox.create({ envs: { WHO: "you" }, metadata: { job: 7 } });
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

test("makes a sandbox that our own SDK sees, and tells about it", async () => {
  expect(sandbox.getInstance()).toBeInstanceOf(Sandbox);
  const seen = await Sandbox.get({ name: sandbox.sandboxId });
  expect({ timeout: seen.timeout, tags: seen.tags }).toEqual({
    timeout: 120_000,
    tags: { job: "7" },
  });
  expect(await sandbox.getInfo()).toEqual({
    id: seen.name,
    provider: "sandlot",
    status: "running",
    createdAt: seen.createdAt,
    timeout: 120_000,
    metadata: { job: "7" },
  });
});

test("runs shell lines with a directory, variables and a time limit of their own", async () => {
  await sandbox.filesystem.mkdir("deep/er");
  const options = { cwd: "deep/er", env: { MORE: "!" } };
  const ran = await sandbox.runCommand('echo "$WHO$MORE"; basename "$PWD" >&2; exit 4', options);
  expect(ran).toMatchObject({ stdout: "you!\n", stderr: "er\n", exitCode: 4 });
  const late = await sandbox.runCommand("sleep 60", { timeout: 50 });
  expect(late.exitCode).toBe(137);
});

test("streams output to callbacks while the command runs", async () => {
  const heard: string[] = [];
  const waits = "until [ -e go ]; do sleep 0.02; done";
  const ran = await sandbox.runCommand(`echo one; ${waits}; echo two; echo no >&2`, {
    onStdout: (data) => {
      heard.push(data);
      if (data === "one\n") void sandbox.filesystem.writeFile("go", "");
    },
    onStderr: (data) => heard.push(`err ${data}`),
  });
  expect(ran).toMatchObject({ stdout: "one\ntwo\n", stderr: "no\n", exitCode: 0 });
  expect(heard.toSorted()).toEqual(["err no\n", "one\n", "two\n"]);
});

test("does not wait for a command in the background, and reaches its port", async () => {
  const program =
    "require('http').createServer((q, r) => r.end('hi')).listen(process.env.PORT ?? 4500)";
  const started = await sandbox.runCommand(`exec node -e "${program}"`, { background: true });
  expect(started).toMatchObject({ stdout: "", stderr: "", exitCode: 0 });
  const url = await sandbox.getUrl({ port: 4500 });
  let answer = await fetch(url);
  while (answer.status === 502) answer = await fetch(url);
  expect(await answer.text()).toBe("hi");
  expect(await sandbox.getUrl({ port: 4500, protocol: "ws" })).toBe(url.replace("http:", "ws:"));
  expect(await sandbox.getUrl({ port: 4501 })).toMatch(/^http:\/\/localhost:\d+$/);
  await expect(sandbox.getUrl({ port: 4500, protocol: "https" })).rejects.toMatchObject({
    code: "unsupported",
  });
  await expect(sandbox.getUrl({ port: 4500, protocol: "ftp" })).rejects.toThrow(
    "protocol ftp was asked for, but ports speak http, https, ws, wss.",
  );
});

test("has files", async () => {
  const { filesystem } = sandbox;
  await filesystem.writeFile("tree/leaf.txt", "green");
  await filesystem.mkdir("tree/branch");
  expect(await filesystem.readFile("tree/leaf.txt")).toBe("green");
  const listed = await filesystem.readdir("tree");
  expect(listed.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
    { name: "branch", type: "directory" },
    { name: "leaf.txt", type: "file" },
  ]);
  await filesystem.remove("tree");
  expect(await filesystem.exists("tree/leaf.txt")).toBe(false);
  await expect(filesystem.readFile("tree/leaf.txt")).rejects.toMatchObject({ code: "ENOENT" });
});

test("keeps snapshots, from which others start", async () => {
  await sandbox.filesystem.writeFile("kept.txt", "kept");
  const snapshot = await provider.snapshot!.create(sandbox.sandboxId);
  expect((await provider.snapshot!.list({ limit: 1 })).map(({ id }) => id)).toEqual([snapshot.id]);
  const other = await provider.sandbox.create({ snapshotId: snapshot.id, name: "other" });
  expect(await other.filesystem.readFile("kept.txt")).toBe("kept");
  expect((await provider.sandbox.list()).map(({ sandboxId }) => sandboxId)).toContain("other");
  await other.destroy();
  expect(await provider.sandbox.getById("other")).toBeNull();
  await provider.sandbox.destroy("other");
  await expect(provider.snapshot!.create(sandbox.sandboxId, { name: "mine" })).rejects.toThrow(
    "a snapshot's name was asked for, but snapshots have ids alone.",
  );
  await provider.snapshot!.delete(snapshot.id);
  expect(await provider.snapshot!.list()).toEqual([]);
});

test.each([
  ["namespace", { namespace: "team" }],
  ["directory", { directory: "/srv" }],
  ["diskMiB", { diskMiB: 10 }],
  ["memoryMb", { vcpus: 2, memoryMb: 1_024 }],
  ["templateId", { snapshotId: "snap_a", templateId: "snap_b" }],
])("refuses %s by name", (option, options) => {
  expect(() => createParameters({}, options)).toThrow(`${option} was asked for, but `);
});

test("takes processors by any of ComputeSDK's words, and memory that goes with them", () => {
  for (const options of [
    { vcpus: 4 },
    { cpu: 4 },
    { cpus: 4, memoryMb: 8_192 },
    { resources: { vcpus: 4 } },
  ]) {
    expect(createParameters({ vcpus: 1 }, options)).toEqual({ resources: { vcpus: 4 } });
  }
});

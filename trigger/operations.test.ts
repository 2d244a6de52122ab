import { OPERATIONS, type OperationName, type OperationSuccess } from "sandlot/contract";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect, type Connection } from "../conformance/harness.ts";
import { runTask, taskIds } from "./testing/run-task.ts";

let engine: Connection & AsyncDisposable;
beforeAll(async () => {
  engine = await connect("embedded");
});
afterAll(() => engine[Symbol.asyncDispose]());

/** What the operation gives; a failure fails the test with its sentence. */
async function succeed<Name extends OperationName>(
  name: Name,
  payload: unknown,
): Promise<OperationSuccess<Name>> {
  const { result } = await runTask(name, payload);
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result as OperationSuccess<Name>;
}

test("every operation of the contract is a task", async () => {
  expect(await taskIds()).toEqual(expect.arrayContaining(Object.keys(OPERATIONS)));
});

test("the operations take a sandbox through its whole life", async () => {
  const sandboxId = "whole-life";
  const created = await succeed("create-sandbox", { sandboxId, ports: [3000] });
  const url = expect.stringMatching(/^http:\/\/localhost:\d+$/);
  const ports = [{ port: 3000, url }];
  expect(created).toEqual({ ok: true, sandboxId, created: true, status: "running", ports });
  expect(await succeed("create-sandbox", { sandboxId })).toEqual({ ...created, created: false });

  const files = [
    { path: "a/hello.txt", content: "hello, wörld\n" },
    { path: "b.bin", content: Buffer.from([0, 255, 1]).toString("base64"), encoding: "base64" },
  ];
  expect(await succeed("write-files", { sandboxId, files })).toEqual({
    ok: true,
    sandboxId,
    files: [
      { path: "a/hello.txt", sizeBytes: 14 },
      { path: "b.bin", sizeBytes: 3 },
    ],
  });
  const read = await succeed("read-files", { sandboxId, paths: ["a/hello.txt", "none"] });
  expect(read.files).toEqual([
    { ok: true, path: "a/hello.txt", content: "hello, wörld\n", encoding: "utf8", sizeBytes: 14 },
    {
      ok: false,
      path: "none",
      error: {
        code: "file_not_found",
        message: "Could not read none: there is no such file.",
        retryable: false,
      },
    },
  ]);

  expect(await succeed("get-sandbox-url", { sandboxId, port: 3000 })).toMatchObject({ url });
  expect(await succeed("get-sandbox-status", { sandboxId })).toMatchObject({
    status: "running",
    persistent: true,
    ports,
    cwd: "/vercel/sandbox",
    vcpus: 2,
    memoryMb: 4096,
  });
  expect(await succeed("stop-sandbox", { sandboxId })).toMatchObject({
    previousStatus: "running",
    status: "stopped",
    snapshotId: expect.stringMatching(/^snap_/),
  });
  expect(await succeed("stop-sandbox", { sandboxId })).toMatchObject({ previousStatus: "stopped" });
  expect(await succeed("get-sandbox-status", { sandboxId })).toMatchObject({ status: "stopped" });
  await succeed("stop-sandbox", { sandboxId, delete: true });
  expect((await runTask("get-sandbox-status", { sandboxId })).result).toEqual({
    ok: false,
    error: {
      code: "sandbox_not_found",
      message: expect.stringMatching(/^Could not find the sandbox whole-life: .+/),
      retryable: false,
    },
  });
});

test("a sandbox without an id is named after the run, so that another attempt finds it", async () => {
  const ctx = { run: { id: "run_abc123", tags: [] } };
  const first = await runTask("create-sandbox", {}, { ctx });
  expect(first.result).toMatchObject({ ok: true, sandboxId: "run-abc123", created: true });
  const again = await runTask("create-sandbox", {}, { ctx });
  expect(again.result).toMatchObject({ ok: true, sandboxId: "run-abc123", created: false });
});

test("files that do not fit into one result are refused one by one", async () => {
  const sandboxId = "large-files";
  await succeed("create-sandbox", { sandboxId });
  const content = "x".repeat(1024 * 1024);
  const paths = ["one", "two", "three"];
  for (const path of paths) {
    await succeed("write-files", { sandboxId, files: [{ path, content }] });
  }
  const { files } = await succeed("read-files", { sandboxId, paths: [...paths, "none"] });
  expect(files.map((file) => (file.ok ? file.sizeBytes : file.error.code))).toEqual([
    content.length,
    content.length,
    "too_large",
    "file_not_found",
  ]);
});

test("a port that is not exposed is refused with those that are", async () => {
  await succeed("create-sandbox", { sandboxId: "ports", ports: [3000, 8080] });
  const { result } = await runTask("get-sandbox-url", { sandboxId: "ports", port: 4000 });
  expect(result).toEqual({
    ok: false,
    error: {
      code: "invalid_request",
      message:
        "Could not tell the URL of port 4000 of the sandbox ports: it exposes only 3000, 8080. Name the port in `ports` when the sandbox is created.",
      retryable: false,
    },
  });
});

test("an engine that refuses is quoted", async () => {
  const { result } = await runTask("create-sandbox", {
    sandboxId: "no-source",
    source: { type: "snapshot", snapshotId: "snap_none" },
  });
  expect(result).toEqual({
    ok: false,
    error: {
      code: "snapshot_gone",
      message: expect.stringMatching(/^Could not create the sandbox no-source: .*snap_none/),
      retryable: false,
    },
  });
});

test("a run in a container of its own makes no sandbox that would end with it", async () => {
  const ctx = { environment: { type: "PRODUCTION" as const, slug: "prod" } };
  const { result } = await runTask("create-sandbox", { sandboxId: "lost" }, { ctx });
  expect(result).toMatchObject({
    ok: false,
    error: { code: "unsupported", message: expect.stringContaining("Set SANDLOT_ENGINE there") },
  });
});

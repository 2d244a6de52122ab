import { Sandbox } from "sandlot";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { useEngine } from "../testing/temporary-engine.ts";
import { outputUntilQuiet } from "./output-until-quiet.ts";
import { silentUrls, watchStart } from "./watch-start.ts";

useEngine({ vi, beforeAll, afterAll });

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await Sandbox.create({ ports: [3000, 8000] });
});

const start = (script: string) =>
  sandbox.runCommand({ cmd: "sh", args: ["-c", script], detached: true });
const serve = (port: number) =>
  start(
    `node -e 'require("http").createServer((q, r) => r.end()).listen(${port}, () => console.log("up"))'`,
  );

test("a start is watched until its app answers, at a port that was silent before", async () => {
  const urls = [sandbox.domain(3000), sandbox.domain(8000)];
  expect(await silentUrls(urls)).toEqual(urls);
  const first = await serve(3000);
  await watchStart(first, { urls, signal: undefined, patienceMs: 60_000 });
  expect(await silentUrls(urls)).toEqual([urls[1]]);
  expect((await sandbox.getCommand(first.cmdId)).exitCode).toBeNull();

  // It answers at once, but that is another one's answer: this one's end is what is to be known.
  const second = await serve(3000);
  const silent = await silentUrls(urls);
  await watchStart(second, { urls: silent, signal: undefined, patienceMs: 60_000 });
  expect((await sandbox.getCommand(second.cmdId)).exitCode).toBe(1);
});

test("what says nothing is watched for a while, and an abort ends that", async () => {
  const quiet = await start("sleep 1000");
  await watchStart(quiet, { urls: [], signal: undefined });
  expect((await sandbox.getCommand(quiet.cmdId)).exitCode).toBeNull();
  const reason = new Error("enough");
  const aborted = watchStart(quiet, {
    urls: [sandbox.domain(8000)],
    signal: AbortSignal.abort(reason),
  });
  await expect(aborted).rejects.toBe(reason);
});

test("where nobody says how much a running command has written, its log is read until it is quiet", async () => {
  const command = await start("echo out; echo err >&2; sleep 1000");
  const quietMs = 1_500;
  const pieces = await Array.fromAsync(outputUntilQuiet(command, { signal: undefined, quietMs }));
  // Nothing says which of two streams comes first.
  expect(pieces).toHaveLength(2);
  expect(pieces).toContainEqual({ stream: "stdout", data: "out\n" });
  expect(pieces).toContainEqual({ stream: "stderr", data: "err\n" });
  const reason = new Error("enough");
  const aborted = Array.fromAsync(outputUntilQuiet(command, { signal: AbortSignal.abort(reason) }));
  await expect(aborted).rejects.toBe(reason);
});

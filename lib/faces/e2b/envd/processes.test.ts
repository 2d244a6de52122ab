import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collect, openSandboxService, shell } from "../../../testing/envd-client.ts";
import { encodeFrame } from "./connect-frames.ts";

const START = "process.Process/Start";
let open: Awaited<ReturnType<typeof openSandboxService>>;
beforeAll(async () => {
  open = await openSandboxService();
});
afterAll(async () => open[Symbol.asyncDispose]());

describe("processes", () => {
  test("tell their number, what they write in bytes, and how they ended", async () => {
    const told = await open.run('echo "$OWN $GIVEN"; printf "\\377\\376" >&2; pwd; exit 3', {
      envs: { GIVEN: "too" },
    });
    expect(told).toMatchObject({
      end: { exitCode: 3, exited: true, status: "exit status 3", error: "exit status 3" },
      last: {},
    });
    expect(told.pid).toBeGreaterThan(1);
    expect(told.stdout).toContain("yes too\n");
    const well = await open.run("true");
    expect(well.end).toEqual({ exitCode: 0, exited: true, status: "exit status 0" });
  });

  test("are killed when the caller's time is over, which the stream ends by saying", async () => {
    const told = await open.run("echo begun; sleep 100", {}, { "connect-timeout-ms": "2000" });
    expect(told).toMatchObject({
      stdout: "begun\n",
      last: { error: { code: "deadline_exceeded" } },
    });
    await expect
      .poll(() => open.call("process.Process/List", {}))
      .toEqual({ status: 200, json: { processes: [] } });
  });

  test("whose time is over while their sandbox is paused tell just that", async () => {
    const { engine, target } = open;
    const headers = { "connect-timeout-ms": "2000" };
    const stream = await open.stream(START, shell("sleep 100"), { headers });
    const started = await stream.next();
    await engine.sessions.pause(target.session.id, { memory: true });
    const told = await collect(stream);
    await engine.sandboxes.get(target.sandbox.name, { resume: true });
    expect(told.last).toMatchObject({ error: { code: "deadline_exceeded" } });
    const process = { pid: started.value?.message.event?.start?.pid };
    await open.call("process.Process/SendSignal", { process, signal: "SIGNAL_SIGKILL" });
    await expect
      .poll(() => open.call("process.Process/List", {}))
      .toEqual({ status: 200, json: { processes: [] } });
  });

  test("go on when their reader leaves, are listed, found by tag, written to and killed", async () => {
    const leave = new AbortController();
    const begin = encodeFrame({
      process: { cmd: "cat", args: [], envs: { A: "b" } },
      tag: "my-cat",
    });
    const first = await open.stream(START, begin, { signal: leave.signal });
    const started = await first.next();
    const pid = started.done ? 0 : started.value.message.event?.start?.pid;
    leave.abort();
    await first.next().catch(() => undefined);
    const listed = await open.call("process.Process/List", {});
    expect(listed.json).toMatchObject({
      processes: [{ config: { cmd: "cat", args: [], envs: { A: "b" } }, pid, tag: "my-cat" }],
    });
    const process = { tag: "my-cat" };
    const second = await open.stream("process.Process/Connect", encodeFrame({ process }));
    expect((await second.next()).value).toMatchObject({ message: { event: { start: { pid } } } });
    const input = { stdin: Buffer.from("hello").toString("base64") };
    expect(await open.call("process.Process/SendInput", { process, input })).toMatchObject({
      status: 200,
    });
    const streamed = await open.stream(
      "process.Process/StreamInput",
      Buffer.concat([
        encodeFrame({ start: { process: { pid } } }),
        encodeFrame({ keepalive: {} }),
        encodeFrame({ data: { input: { stdin: Buffer.from(" world").toString("base64") } } }),
        encodeFrame({}, { end: true }),
      ]),
    );
    expect(await collect(streamed)).toMatchObject({ last: {} });
    expect(await open.call("process.Process/CloseStdin", { process: { pid } })).toMatchObject({
      status: 200,
    });
    const told = await collect(second);
    expect(told).toMatchObject({ stdout: "hello world", end: { exitCode: 0 } });
    const late = await collect(
      await open.stream("process.Process/Connect", encodeFrame({ process: { pid } })),
    );
    expect(late).toMatchObject({ pid, stdout: "", end: { exitCode: 0 } });
    const gone = await open.call("process.Process/SendSignal", {
      process,
      signal: "SIGNAL_SIGKILL",
    });
    expect(gone).toMatchObject({ status: 404, json: { code: "not_found" } });
  });

  test("that others started are listed, too, and can be killed", async () => {
    const { session } = open.target;
    const command = await open.engine.commands.start(session.id, { cmd: "sleep", args: ["1000"] });
    const { json } = await open.call("process.Process/List", {});
    const { processes } = json as { processes: { pid: number; config: { cmd: string } }[] };
    expect(processes).toMatchObject([{ config: { cmd: "sleep", args: ["1000"] } }]);
    const process = { pid: processes[0]?.pid };
    await open.call("process.Process/SendSignal", { process, signal: 15 });
    expect(await open.engine.commands.wait(session.id, command.id)).toMatchObject({
      exitCode: 143,
    });
  });

  test("that are killed from here tell so", async () => {
    const stream = await open.stream(START, shell("sleep 100"));
    const started = await stream.next();
    const pid = started.done ? 0 : started.value.message.event?.start?.pid;
    await open.call("process.Process/SendSignal", { process: { pid }, signal: "SIGNAL_SIGKILL" });
    expect((await collect(stream)).end).toEqual({
      exitCode: -1,
      exited: false,
      status: "signal: killed",
      error: "signal: killed",
    });
  });

  test("that are killed tell so to one who only looks on, whatever time that one has", async () => {
    const stream = await open.stream(START, shell("sleep 100"));
    const started = await stream.next();
    const pid = started.done ? 0 : started.value.message.event?.start?.pid;
    open.clock.advance(60_000);
    const watching = await open.stream(
      "process.Process/Connect",
      encodeFrame({ process: { pid } }),
      // No longer than the process has run.
      { headers: { "connect-timeout-ms": "60000" } },
    );
    expect((await watching.next()).value).toMatchObject({ message: { event: { start: { pid } } } });
    await open.call("process.Process/SendSignal", { process: { pid }, signal: "SIGNAL_SIGKILL" });
    expect(await collect(watching)).toMatchObject({ end: { status: "signal: killed" }, last: {} });
  });

  test("say that they are there while they have nothing to say", async () => {
    const stream = await open.stream(START, shell("sleep 1.5"), {
      headers: { "keepalive-ping-interval": "1" },
    });
    const kinds: string[] = [];
    const begun = performance.now();
    for await (const { message } of stream) kinds.push(Object.keys(message.event ?? {})[0] ?? "");
    const passedMs = performance.now() - begun;
    expect(kinds.filter((kind) => kind !== "keepalive")).toEqual(["start", "end", ""]);
    const told = kinds.filter((kind) => kind === "keepalive").length;
    expect(told).toBeGreaterThan(0);
    expect(told).toBeLessThanOrEqual(passedMs / 1_000);
  });

  test("on a terminal show and take bytes, have a size, and end with the caller's time", async () => {
    const begin = encodeFrame({
      process: { cmd: "/bin/bash", args: ["--norc", "-i"], envs: { TERM: "xterm", PS1: "" } },
      pty: { size: { cols: 91, rows: 31 } },
    });
    const stream = await open.stream(START, begin, { headers: { "connect-timeout-ms": "15000" } });
    const started = await stream.next();
    const pid = started.done ? 0 : started.value.message.event?.start?.pid;
    const process = { pid };
    const type = (text: string) =>
      open.call("process.Process/SendInput", {
        process,
        input: { pty: Buffer.from(text).toString("base64") },
      });
    expect(await type("stty size\n")).toMatchObject({ status: 200 });
    let shown = "";
    while (!shown.includes("31 91")) {
      const { value, done } = await stream.next();
      if (done) throw new Error(`the terminal ended: ${shown}`);
      shown += Buffer.from(value.message.event?.data?.["pty"] ?? "", "base64").toString();
    }
    await open.call("process.Process/Update", { process, pty: { size: { cols: 120, rows: 40 } } });
    await type("stty size; exit 7\n");
    const told = await collect(stream);
    expect(told.pty).toContain("40 120");
    expect(told.end).toMatchObject({ exitCode: 7 });
    const short = encodeFrame({
      process: { cmd: "sleep", args: ["100"] },
      pty: { size: { cols: 80, rows: 24 } },
    });
    const cut = await collect(
      await open.stream(START, short, { headers: { "connect-timeout-ms": "300" } }),
    );
    expect(cut.last).toMatchObject({ error: { code: "deadline_exceeded" } });
  });
});

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Sandbox, Session } from "../../../contract/sandbox.ts";
import { temporaryEngine } from "../../../testing/temporary-engine.ts";
import { accessTokens } from "../access-tokens.ts";
import { decodeFrames, encodeFrame } from "./connect-frames.ts";
import { envdService } from "./envd-service.ts";

const tokens = accessTokens("secret of a test");
const decoder = new TextDecoder();
let open: Awaited<ReturnType<typeof temporaryEngine>> | undefined;
let service: ReturnType<typeof envdService>;
let target: { sandbox: Sandbox; session: Session };
let other: Sandbox;

beforeAll(async () => {
  open = await temporaryEngine();
  const { engine, parts } = open;
  const none = () => {
    throw new Error("nothing here asks for that");
  };
  service = envdService({
    engine,
    log: parts.log,
    clock: { now: () => 1_700_000_000_000, at: none },
    tokens,
    publicUrl: none,
    secret: none,
    forward: none,
    openPreview: none,
  });
  target = await engine.sandboxes.create({ user: "user", env: { OWN: "yes" } });
  other = (await engine.sandboxes.create({ user: "user" })).sandbox;
});
afterAll(async () => open?.[Symbol.asyncDispose]());

const owner = () => ({ "x-access-token": tokens.ofSandbox(target.sandbox.id) });

async function ask(
  path: string,
  init: RequestInit = {},
  headers: Record<string, string> = owner(),
) {
  const given = new Headers(init.headers);
  for (const [name, value] of Object.entries(headers)) given.set(name, value);
  const request = new Request(`http://envd.test${path}`, { ...init, headers: given });
  return service.fetch(request, target);
}

/** A unary call: its status and its answer. */
async function call(path: string, message: unknown, headers: Record<string, string> = {}) {
  const response = await ask(`/${path}`, {
    method: "POST",
    body: typeof message === "string" ? message : JSON.stringify(message),
    headers: { "content-type": "application/json", ...headers },
  });
  const text = await response.text();
  return { status: response.status, json: text === "" ? undefined : (JSON.parse(text) as object) };
}

async function openStream(
  path: string,
  body: NonNullable<RequestInit["body"]>,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
) {
  const response = await ask(`/${path}`, {
    method: "POST",
    body,
    headers: { "content-type": "application/connect+json", ...headers },
    ...(signal && { signal }),
  });
  expect(response.status).toBe(200);
  return frames(response);
}

async function* frames(response: Response) {
  const body = response.body ?? new Blob([]).stream();
  for await (const { payload, end } of decodeFrames(body, { limitBytes: 1e9 })) {
    yield { message: JSON.parse(decoder.decode(payload)) as Wire, end };
  }
}

interface Wire {
  event?: {
    start?: { pid: number };
    data?: Record<string, string>;
    end?: object;
    keepalive?: object;
  };
  error?: { code: string; message: string };
}

/** What a stream told in all. */
async function collect(stream: AsyncGenerator<{ message: Wire; end: boolean }, void, void>) {
  const told = { pid: 0, stdout: "", stderr: "", pty: "", end: undefined as unknown, last: {} };
  for await (const { message, end } of stream) {
    const { start, data, end: ended } = message.event ?? {};
    if (start) told.pid = start.pid;
    for (const [name, base64] of Object.entries(data ?? {})) {
      told[name as "stdout"] += Buffer.from(base64, "base64").toString();
    }
    if (ended) told.end = ended;
    if (end) told.last = message;
  }
  return told;
}

const START = "process.Process/Start";
const shell = (code: string, more: object = {}) =>
  encodeFrame({ process: { cmd: "/bin/bash", args: ["-c", code], ...more }, stdin: false });
const run = async (code: string, more: object = {}, headers: Record<string, string> = {}) =>
  collect(await openStream(START, shell(code, more), headers));

describe("processes", () => {
  test("tell their number, what they write in bytes, and how they ended", async () => {
    const told = await run('echo "$OWN $GIVEN"; printf "\\377\\376" >&2; pwd; exit 3', {
      envs: { GIVEN: "too" },
    });
    expect(told).toMatchObject({
      end: { exitCode: 3, exited: true, status: "exit status 3", error: "exit status 3" },
      last: {},
    });
    expect(told.pid).toBeGreaterThan(1);
    expect(told.stdout).toContain("yes too\n");
    const well = await run("true");
    expect(well.end).toEqual({ exitCode: 0, exited: true, status: "exit status 0" });
  });

  test("are killed when the caller's time is over, which the stream ends by saying", async () => {
    const told = await run("echo begun; sleep 100", {}, { "connect-timeout-ms": "300" });
    expect(told).toMatchObject({
      stdout: "begun\n",
      last: { error: { code: "deadline_exceeded" } },
    });
    await expect
      .poll(() => call("process.Process/List", {}))
      .toEqual({ status: 200, json: { processes: [] } });
  });

  test("go on when their reader leaves, are listed, found by tag, written to and killed", async () => {
    const leave = new AbortController();
    const begin = encodeFrame({
      process: { cmd: "cat", args: [], envs: { A: "b" } },
      tag: "my-cat",
    });
    const first = await openStream(START, begin, {}, leave.signal);
    const started = await first.next();
    const pid = started.done ? 0 : started.value.message.event?.start?.pid;
    leave.abort();
    await first.next().catch(() => undefined);
    const listed = await call("process.Process/List", {});
    expect(listed.json).toMatchObject({
      processes: [{ config: { cmd: "cat", args: [], envs: { A: "b" } }, pid, tag: "my-cat" }],
    });
    const process = { tag: "my-cat" };
    const second = await openStream("process.Process/Connect", encodeFrame({ process }));
    expect((await second.next()).value).toMatchObject({ message: { event: { start: { pid } } } });
    const input = { stdin: Buffer.from("hello").toString("base64") };
    expect(await call("process.Process/SendInput", { process, input })).toMatchObject({
      status: 200,
    });
    const streamed = await openStream(
      "process.Process/StreamInput",
      Buffer.concat([
        encodeFrame({ start: { process: { pid } } }),
        encodeFrame({ keepalive: {} }),
        encodeFrame({ data: { input: { stdin: Buffer.from(" world").toString("base64") } } }),
        encodeFrame({}, { end: true }),
      ]),
    );
    expect(await collect(streamed)).toMatchObject({ last: {} });
    expect(await call("process.Process/CloseStdin", { process: { pid } })).toMatchObject({
      status: 200,
    });
    const told = await collect(second);
    expect(told).toMatchObject({ stdout: "hello world", end: { exitCode: 0 } });
    const late = await collect(
      await openStream("process.Process/Connect", encodeFrame({ process: { pid } })),
    );
    expect(late).toMatchObject({ pid, stdout: "", end: { exitCode: 0 } });
    const gone = await call("process.Process/SendSignal", { process, signal: "SIGNAL_SIGKILL" });
    expect(gone).toMatchObject({ status: 404, json: { code: "not_found" } });
  });

  test("that are killed from here tell so", async () => {
    const stream = await openStream(START, shell("sleep 100"));
    const started = await stream.next();
    const pid = started.done ? 0 : started.value.message.event?.start?.pid;
    await call("process.Process/SendSignal", { process: { pid }, signal: "SIGNAL_SIGKILL" });
    expect((await collect(stream)).end).toEqual({
      exitCode: -1,
      exited: false,
      status: "signal: killed",
      error: "signal: killed",
    });
  });

  test("say that they are there while they have nothing to say", async () => {
    const stream = await openStream(START, shell("sleep 1.5"), { "keepalive-ping-interval": "1" });
    const kinds: string[] = [];
    for await (const { message } of stream) kinds.push(Object.keys(message.event ?? {})[0] ?? "");
    expect(kinds).toEqual(["start", "keepalive", "end", ""]);
  });

  test("on a terminal show and take bytes, have a size, and end with the caller's time", async () => {
    const begin = encodeFrame({
      process: { cmd: "/bin/bash", args: ["--norc", "-i"], envs: { TERM: "xterm", PS1: "" } },
      pty: { size: { cols: 91, rows: 31 } },
    });
    const stream = await openStream(START, begin, { "connect-timeout-ms": "15000" });
    const started = await stream.next();
    const pid = started.done ? 0 : started.value.message.event?.start?.pid;
    const process = { pid };
    const type = (text: string) =>
      call("process.Process/SendInput", {
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
    await call("process.Process/Update", { process, pty: { size: { cols: 120, rows: 40 } } });
    await type("stty size; exit 7\n");
    const told = await collect(stream);
    expect(told.pty).toContain("40 120");
    expect(told.end).toMatchObject({ exitCode: 7 });
    const short = encodeFrame({
      process: { cmd: "sleep", args: ["100"] },
      pty: { size: { cols: 80, rows: 24 } },
    });
    const cut = await collect(await openStream(START, short, { "connect-timeout-ms": "300" }));
    expect(cut.last).toMatchObject({ error: { code: "deadline_exceeded" } });
  });
});

describe("names", () => {
  const fs = (method: string, message: object, headers = {}) =>
    call(`filesystem.Filesystem/${method}`, message, headers);

  test("are made, told of, listed, moved and removed", async () => {
    expect(await fs("MakeDir", { path: "dir/sub" })).toMatchObject({
      status: 200,
      json: { entry: { name: "sub", path: "/home/user/dir/sub", type: "FILE_TYPE_DIRECTORY" } },
    });
    expect(await fs("MakeDir", { path: "/home/user/dir" })).toMatchObject({
      status: 409,
      json: { code: "already_exists" },
    });
    await ask("/files?path=dir/a.txt", {
      method: "POST",
      body: "12345",
      headers: { "content-type": "application/octet-stream" },
    });
    await run("ln -s a.txt dir/link; ln -s nowhere dir/broken; chmod 4755 dir/a.txt");
    const { json } = await fs("ListDir", { path: "~/dir" });
    const { entries } = json as { entries: { name: string }[] };
    expect(entries.map(({ name }) => name)).toEqual(["a.txt", "broken", "link", "sub"]);
    expect(entries).toMatchObject([
      { type: "FILE_TYPE_FILE", size: "5", mode: 0o755, permissions: "urwxr-xr-x" },
      { type: "FILE_TYPE_UNSPECIFIED", symlinkTarget: "/home/user/dir/broken" },
      {
        type: "FILE_TYPE_FILE",
        mode: 0o755,
        permissions: "Lrwxrwxrwx",
        symlinkTarget: "/home/user/dir/a.txt",
      },
      { type: "FILE_TYPE_DIRECTORY", permissions: "drwxr-xr-x" },
    ]);
    expect(await fs("Move", { source: "dir/a.txt", destination: "new/place/b.txt" })).toMatchObject(
      {
        json: { entry: { name: "b.txt", path: "/home/user/new/place/b.txt" } },
      },
    );
    expect(await fs("Remove", { path: "dir" })).toEqual({ status: 200, json: {} });
    expect(await fs("Remove", { path: "dir" })).toEqual({ status: 200, json: {} });
    expect(await fs("Stat", { path: "dir" })).toMatchObject({
      status: 404,
      json: { code: "not_found" },
    });
    expect(await fs("ListDir", { path: "new/place/b.txt" })).toMatchObject({
      status: 400,
      json: { code: "invalid_argument" },
    });
  });

  test("are watched, by a stream and by asking", async () => {
    await fs("MakeDir", { path: "watched/deep" });
    const leave = new AbortController();
    const begin = encodeFrame({ path: "watched", recursive: true, includeEntry: true });
    const stream = await openStream("filesystem.Filesystem/WatchDir", begin, {}, leave.signal);
    expect((await stream.next()).value).toMatchObject({ message: { start: {} } });
    const { json } = await fs("CreateWatcher", { path: "watched", recursive: true });
    const { watcherId } = json as { watcherId: string };
    await run("echo x > watched/deep/file");
    const seen: object[] = [];
    for await (const { message } of stream) {
      seen.push(message);
      if (JSON.stringify(message).includes("EVENT_TYPE_WRITE")) break;
    }
    expect(seen.at(-1)).toMatchObject({
      filesystem: {
        name: "deep/file",
        type: "EVENT_TYPE_WRITE",
        entry: { name: "file", size: "2" },
      },
    });
    leave.abort();
    await expect
      .poll(async () => JSON.stringify(await fs("GetWatcherEvents", { watcherId })))
      .toContain("deep/file");
    expect(await fs("RemoveWatcher", { watcherId })).toEqual({ status: 200, json: {} });
    expect(await fs("GetWatcherEvents", { watcherId })).toMatchObject({ status: 404 });
    const missing = await openStream(
      "filesystem.Filesystem/WatchDir",
      encodeFrame({ path: "none" }),
    );
    expect(await collect(missing)).toMatchObject({ last: { error: { code: "not_found" } } });
  });
});

describe("files", () => {
  const post = (
    path: string,
    body: NonNullable<RequestInit["body"]>,
    headers: Record<string, string> = {},
  ) => ask(path, { method: "POST", body, headers });
  const raw = { "content-type": "application/octet-stream" };

  test("come in a form, each under its own name, and are read back", async () => {
    const form = new FormData();
    form.append("file", new Blob(["one"]), "form/one.txt");
    form.append("file", new Blob([new Uint8Array([0, 255])]), "/home/user/form/two.bin");
    form.append("other", "passed over");
    const response = await post("/files", form);
    expect(await response.json()).toEqual([
      { name: "one.txt", type: "file", path: "/home/user/form/one.txt" },
      { name: "two.bin", type: "file", path: "/home/user/form/two.bin" },
    ]);
    expect(await (await ask("/files?path=form/one.txt")).text()).toBe("one");
    const bytes = await (await ask("/files?path=form/two.bin")).arrayBuffer();
    expect(new Uint8Array(bytes)).toEqual(new Uint8Array([0, 255]));
  });

  test("come as they are, also compressed, or as a form's plain field", async () => {
    await post("/files?path=plain.txt", "plain", raw);
    expect(await (await ask("/files?path=plain.txt")).text()).toBe("plain");
    const packed = await new Response(
      new Blob(["packed"]).stream().pipeThrough(new CompressionStream("gzip")),
    ).arrayBuffer();
    await post("/files?path=plain.txt", packed, { ...raw, "content-encoding": "gzip" });
    expect(await (await ask("/files?path=plain.txt")).text()).toBe("packed");
    const form = new FormData();
    form.append("file", "a field");
    await post("/files?path=plain.txt", form);
    const response = await ask("/files?path=plain.txt", { headers: { "accept-encoding": "gzip" } });
    expect(response.headers.get("content-encoding")).toBe("gzip");
    const stream = response.body?.pipeThrough(new DecompressionStream("gzip"));
    expect(await new Response(stream).text()).toBe("a field");
  });

  test("are read in part", async () => {
    await post("/files?path=digits", "0123456789", raw);
    const part = async (range: string) => {
      const response = await ask("/files?path=digits", { headers: { range } });
      const { status, headers } = response;
      return [status, headers.get("content-range"), await response.text()];
    };
    expect(await part("bytes=2-4")).toEqual([206, "bytes 2-4/10", "234"]);
    expect(await part("bytes=7-")).toEqual([206, "bytes 7-9/10", "789"]);
    expect(await part("bytes=-3")).toEqual([206, "bytes 7-9/10", "789"]);
    expect(await part("bytes=5-100")).toEqual([206, "bytes 5-9/10", "56789"]);
    expect(await part("bytes=10-")).toEqual([416, "bytes */10", ""]);
    expect(await part("lines=1-2")).toEqual([200, null, "0123456789"]);
    const whole = await ask("/files?path=digits");
    expect(whole.headers.get("content-length")).toBe("10");
    const since = whole.headers.get("last-modified") ?? "";
    const again = await ask("/files?path=digits", { headers: { "if-modified-since": since } });
    expect(again.status).toBe(304);
  });

  test("are put together to one, and go", async () => {
    await post("/files?path=part1", "one ", raw);
    await post("/files?path=part2", "two", raw);
    const response = await post(
      "/files/compose",
      JSON.stringify({ source_paths: ["part1", "part2"], destination: "whole/both.txt" }),
    );
    expect(await response.json()).toEqual({
      name: "both.txt",
      type: "file",
      path: "/home/user/whole/both.txt",
    });
    expect(await (await ask("/files?path=whole/both.txt")).text()).toBe("one two");
    expect((await ask("/files?path=part1")).status).toBe(404);
  });

  test("that break off leave what was there", async () => {
    await post("/files?path=kept.txt", "kept", raw);
    const boundary = { "content-type": "multipart/form-data; boundary=xyz" };
    const head =
      '--xyz\r\ncontent-disposition: form-data; name="file"; filename="kept.txt"\r\n\r\n';
    const broken = await post("/files", `${head}half of it`, boundary);
    expect(broken.status).toBe(400);
    expect(await (await ask("/files?path=kept.txt")).text()).toBe("kept");
  });
});

describe("who may", () => {
  const sign = (text: string) =>
    `v1_${createHash("sha256").update(text).digest("base64").replace(/=+$/, "")}`;
  const token = () => tokens.ofSandbox(target.sandbox.id);
  const link = (query: Record<string, string>) =>
    ask(`/files?${new URLSearchParams(query).toString()}`, {}, {});

  test("nobody does anything without the sandbox's token, but see whether it is there", async () => {
    expect((await ask("/health", {}, {})).status).toBe(204);
    const foreign = { "x-access-token": tokens.ofSandbox(other.id) };
    for (const headers of [{}, { "x-access-token": "" }, { "x-access-token": "wrong" }, foreign]) {
      for (const path of ["/metrics", "/envs", "/files?path=x", "/nothing"]) {
        const { status } = await ask(path, {}, headers as Record<string, string>);
        expect({ path, status }).toEqual({ path, status: 401 });
      }
      for (const path of ["/process.Process/List", "/files/compose", "/files?path=x"]) {
        const { status } = await ask(path, { method: "POST" }, headers as Record<string, string>);
        expect({ path, status }).toEqual({ path, status: 401 });
      }
    }
    expect(await (await ask("/envs")).json()).toEqual({ OWN: "yes" });
  });

  test("a link opens the one file that it was signed for, in its time", async () => {
    await ask("/files?path=signed.txt", {
      method: "POST",
      body: "signed",
      headers: { "content-type": "application/octet-stream" },
    });
    const path = "signed.txt";
    const soon = "1700000001";
    const good = sign(`${path}:read::${token()}`);
    expect(await (await link({ path, signature: good })).text()).toBe("signed");
    const timed = sign(`${path}:read::${token()}:${soon}`);
    expect((await link({ path, signature: timed, signature_expiration: soon })).status).toBe(200);
    const past = "1699999999";
    const expired = await link({
      path,
      signature: sign(`${path}:read::${token()}:${past}`),
      signature_expiration: past,
    });
    expect([expired.status, await expired.json()]).toEqual([
      401,
      { code: 401, message: "signature is already expired" },
    ]);
    const foreign = tokens.ofSandbox(other.id);
    for (const query of [
      { path },
      { path, signature: "" },
      { path, signature: "v1_wrong" },
      { path, signature: timed },
      { path, signature: good, signature_expiration: soon },
      { path, signature: good, signature_expiration: "soon" },
      { path, signature: good, username: "root" },
      { path: "other.txt", signature: good },
      { path, signature: sign(`${path}:write::${token()}`) },
      { path, signature: sign(`${path}:read::${foreign}`) },
    ]) {
      expect({ query, status: (await link(query)).status }).toEqual({ query, status: 401 });
    }
  });

  test("no path and no link leads out of the sandbox", async () => {
    if (!open) throw new Error("the engine is there while tests run");
    await writeFile(join(open.directory, "outside.txt"), "outside");
    const up = "../".repeat(20);
    const outside = `${up}${open.directory.slice(1)}/outside.txt`;
    for (const path of [outside, join(open.directory, "outside.txt"), `~/${outside}`]) {
      const read = await ask(`/files?path=${encodeURIComponent(path)}`);
      expect({ path, isRefused: [400, 404].includes(read.status) }).toEqual({
        path,
        isRefused: true,
      });
    }
    await run(`ln -s ${join(open.directory, "outside.txt")} out; ln -s ${open.directory} outdir`);
    for (const path of ["out", "outdir/outside.txt"]) {
      const read = await ask(`/files?path=${path}`);
      expect({ path, isRefused: [400, 404].includes(read.status) }).toEqual({
        path,
        isRefused: true,
      });
      // A link that is written to is replaced, or refused: what it led to stays.
      await ask(`/files?path=${path}`, {
        method: "POST",
        body: "changed",
        headers: { "content-type": "application/octet-stream" },
      });
    }
    expect(await readFile(join(open.directory, "outside.txt"), "utf8")).toBe("outside");
  });
});

describe("what is wrong is refused by name", () => {
  test.each([
    ["process.Process/SendInput", "{", 400, "invalid_argument"],
    ["process.Process/SendInput", "[]", 400, "invalid_argument"],
    ["process.Process/SendInput", { process: {}, input: {} }, 400, "invalid_argument"],
    [
      "process.Process/SendInput",
      { process: { pid: 1 }, input: { stdin: "%%%" } },
      400,
      "invalid_argument",
    ],
    ["process.Process/SendInput", { process: { pid: 999_999_999 }, input: {} }, 404, "not_found"],
    [
      "process.Process/SendSignal",
      { process: { pid: 999_999_999 }, signal: "SIGNAL_SIGHUP" },
      400,
      "invalid_argument",
    ],
    ["process.Process/Update", { process: { tag: "none" } }, 404, "not_found"],
    ["filesystem.Filesystem/Stat", { path: "a\0b" }, 400, "invalid_argument"],
    ["filesystem.Filesystem/Stat", { path: "x".repeat(5_000) }, 400, "invalid_argument"],
    ["filesystem.Filesystem/Stat", { path: 7 }, 400, "invalid_argument"],
    ["filesystem.Filesystem/ListDir", { path: "/", depth: -1 }, 400, "invalid_argument"],
    ["filesystem.Filesystem/ListDir", { path: "~root" }, 400, "invalid_argument"],
    ["filesystem.Filesystem/ListDir", { path: "no/such" }, 404, "not_found"],
    ["filesystem.Filesystem/Move", { source: "none", destination: "x" }, 404, "not_found"],
    ["filesystem.Filesystem/GetWatcherEvents", {}, 400, "invalid_argument"],
  ])("%s of %j", async (path, message, status, code) => {
    expect(await call(path, message)).toMatchObject({ status, json: { code } });
  });

  test.each([
    [
      "a connect-timeout-ms that is no number",
      shell("true"),
      { "connect-timeout-ms": "soon" },
      "invalid_argument",
    ],
    ["no message", new Uint8Array(0), {}, "invalid_argument"],
    ["two messages", Buffer.concat([shell("true"), shell("true")]), {}, "invalid_argument"],
    ["half a message", shell("true").subarray(0, 20), {}, "invalid_argument"],
    ["no command", encodeFrame({ process: {} }), {}, "invalid_argument"],
    [
      "a command that is not there",
      encodeFrame({ process: { cmd: "/no/such" } }),
      {},
      "invalid_argument",
    ],
    ["a directory that is not there", shell("true", { cwd: "/no/such" }), {}, "invalid_argument"],
  ])("%s, in a stream", async (_what, body, headers, code) => {
    const told = await collect(await openStream(START, body, headers as Record<string, string>));
    expect(told.last).toMatchObject({ error: { code } });
  });

  test.each([
    ["POST", "/files", { "content-type": "text/plain" }, 400],
    ["POST", "/files", { "content-type": "application/octet-stream" }, 400],
    ["POST", "/files?path=x", { "content-type": "multipart/form-data" }, 400],
    [
      "POST",
      "/files?path=x",
      { "content-type": "application/octet-stream", "content-encoding": "br" },
      400,
    ],
    [
      "POST",
      "/files?path=x",
      { "content-type": "application/octet-stream", "x-metadata-a": "b".repeat(5_000) },
      400,
    ],
    [
      "POST",
      "/files?path=x",
      { "content-type": "application/octet-stream", "content-encoding": "gzip" },
      400,
    ],
    ["GET", "/files?path=/", {}, 400],
    ["GET", "/files?path=none", {}, 404],
    ["GET", "/files?path=none&username=nobody-knows", {}, 401],
    ["POST", "/files/compose", {}, 400],
    ["DELETE", "/files?path=x", {}, 404],
    ["GET", "/process.Process/List", {}, 404],
    ["POST", "/process.Process/Nothing", {}, 404],
  ])("%s %s with %j", async (method, path, headers, status) => {
    const body = method === "POST" ? "text" : null;
    const response = await ask(path, { method, body, headers: headers as Record<string, string> });
    const answer = (await response.json()) as object;
    expect({ status: response.status, ...answer }).toMatchObject({ status, code: status });
  });

  test("messages that are not JSON by their type", async () => {
    const response = await ask("/process.Process/List", {
      method: "POST",
      body: "{}",
      headers: { "content-type": "application/proto" },
    });
    expect([response.status, response.headers.get("accept-post")]).toEqual([
      415,
      "application/json",
    ]);
  });
});

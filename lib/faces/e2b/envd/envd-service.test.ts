import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { collect, openSandboxService, shell } from "../../../testing/envd-client.ts";
import { encodeFrame } from "./connect-frames.ts";

const START = "process.Process/Start";
let open: Awaited<ReturnType<typeof openSandboxService>>;
beforeAll(async () => {
  open = await openSandboxService();
});
afterAll(async () => open[Symbol.asyncDispose]());

describe("who may", () => {
  const sign = (text: string) =>
    `v1_${createHash("sha256").update(text).digest("base64").replace(/=+$/, "")}`;
  const token = () => open.token;
  const link = (query: Record<string, string>) =>
    open.ask(`/files?${new URLSearchParams(query).toString()}`, {}, {});

  test("nobody does anything without the sandbox's token, but see whether it is there", async () => {
    expect((await open.ask("/health", {}, {})).status).toBe(204);
    const foreign = { "x-access-token": open.otherToken };
    for (const headers of [{}, { "x-access-token": "" }, { "x-access-token": "wrong" }, foreign]) {
      for (const path of ["/metrics", "/envs", "/files?path=x", "/nothing"]) {
        const { status } = await open.ask(path, {}, headers as Record<string, string>);
        expect({ path, status }).toEqual({ path, status: 401 });
      }
      for (const path of ["/process.Process/List", "/files/compose", "/files?path=x"]) {
        const { status } = await open.ask(
          path,
          { method: "POST" },
          headers as Record<string, string>,
        );
        expect({ path, status }).toEqual({ path, status: 401 });
      }
    }
    expect(await (await open.ask("/envs")).json()).toEqual({ OWN: "yes" });
  });

  test("a link opens the one file that it was signed for, in its time", async () => {
    await open.ask("/files?path=signed.txt", {
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
    const foreign = open.otherToken;
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
    await writeFile(join(open.directory, "outside.txt"), "outside");
    const up = "../".repeat(20);
    const outside = `${up}${open.directory.slice(1)}/outside.txt`;
    for (const path of [outside, join(open.directory, "outside.txt"), `~/${outside}`]) {
      const read = await open.ask(`/files?path=${encodeURIComponent(path)}`);
      expect({ path, isRefused: [400, 404].includes(read.status) }).toEqual({
        path,
        isRefused: true,
      });
    }
    await open.run(
      `ln -s ${join(open.directory, "outside.txt")} out; ln -s ${open.directory} outdir`,
    );
    for (const path of ["out", "outdir/outside.txt"]) {
      const read = await open.ask(`/files?path=${path}`);
      expect({ path, isRefused: [400, 404].includes(read.status) }).toEqual({
        path,
        isRefused: true,
      });
      // A link that is written to is replaced, or refused: what it led to stays.
      await open.ask(`/files?path=${path}`, {
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
    expect(await open.call(path, message)).toMatchObject({ status, json: { code } });
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
    const told = await collect(
      await open.stream(START, body, { headers: headers as Record<string, string> }),
    );
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
    ["GET", "/files?path=none&username=root", {}, 501],
    ["POST", "/files/compose", {}, 400],
    ["DELETE", "/files?path=x", {}, 404],
    ["GET", "/process.Process/List", {}, 404],
    ["POST", "/process.Process/Nothing", {}, 404],
  ])("%s %s with %j", async (method, path, headers, status) => {
    const body = method === "POST" ? "text" : null;
    const response = await open.ask(path, {
      method,
      body,
      headers: headers as Record<string, string>,
    });
    const answer = (await response.json()) as object;
    expect({ status: response.status, ...answer }).toMatchObject({ status, code: status });
  });

  test("messages that are not JSON by their type", async () => {
    const response = await open.ask("/process.Process/List", {
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

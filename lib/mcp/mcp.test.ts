import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { stateFolder } from "../host/state-folder.ts";
import { temporaryHome } from "../testing/temporary-home.ts";

const MAIN = join(import.meta.dirname, "../cli/main.ts");

interface Result {
  isError: boolean;
  text: string;
  value: Record<string, unknown>;
}

let home: Awaited<ReturnType<typeof temporaryHome>>;
let http: { child: ChildProcess; url: string; token: string };

beforeAll(async () => {
  home = await temporaryHome();
  const child = spawn(process.execPath, [MAIN, "mcp", "--http", "auto"], {
    env: environment(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [url] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const token = (await readFile(stateFolder(home.home).token, "utf8")).trim();
  http = { child, url, token };
});

afterAll(async () => {
  const ended = once(http.child, "exit");
  http.child.kill("SIGTERM");
  const [exitCode] = (await ended) as [number | null];
  await home[Symbol.asyncDispose]();
  expect(exitCode).toBe(0);
});

function environment(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: home.home, ...home.env };
}

function overStdio(): StdioClientTransport {
  return new StdioClientTransport({
    command: process.execPath,
    args: [MAIN, "mcp"],
    env: environment(),
    stderr: "pipe",
  });
}

function overHttp(): Transport {
  const headers = { authorization: `Bearer ${http.token}` };
  // The SDK's own types do not agree with each other about properties that may be undefined.
  return new StreamableHTTPClientTransport(new URL(http.url), {
    requestInit: { headers },
  }) as Transport;
}

async function connect(transport: Transport) {
  const client = new Client({ name: "test", version: "1.0.0" });
  await client.connect(transport);
  return {
    client,
    async call(
      name: string,
      given: Record<string, unknown>,
      options?: { signal?: AbortSignal },
    ): Promise<Result> {
      const answer = await client.callTool({ name, arguments: given }, undefined, options);
      const [content] = answer.content as { text: string }[];
      return {
        isError: answer.isError === true,
        text: content?.text ?? "",
        value: answer.structuredContent as Record<string, unknown>,
      };
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

describe.each([
  ["stdio", overStdio],
  ["HTTP", overHttp],
])("over %s", (_, transport) => {
  let mcp: Awaited<ReturnType<typeof connect>>;
  let sandbox: string;

  beforeAll(async () => {
    mcp = await connect(transport());
    const created = await mcp.call("create", { env: { GREETING: "hello" } });
    sandbox = created.value["sandbox"] as string;
  });

  afterAll(async () => {
    await mcp.call("stop", { sandbox, delete: true });
    await mcp[Symbol.asyncDispose]();
  });

  test("tells its tools, each described, with schemas that take nothing unknown", async () => {
    const { tools } = await mcp.client.listTools();
    expect(tools.map(({ name }) => name).toSorted()).toEqual(
      "create fork list logs read run snapshot stop url write".split(" "),
    );
    for (const { description, inputSchema, outputSchema } of tools) {
      expect(description?.length).toBeGreaterThan(40);
      expect(inputSchema).toMatchObject({ type: "object", additionalProperties: false });
      expect(outputSchema).toMatchObject({ type: "object" });
    }
    expect(mcp.client.getInstructions()).toContain("`create` one");
  });

  test("writes files, runs commands and reads what they made", async () => {
    const written = await mcp.call("write", {
      sandbox,
      files: [
        { path: "tool/greet.sh", content: '#!/bin/bash\necho "$GREETING, $1"\n', executable: true },
        {
          path: "tool/raw",
          content: Buffer.from([0, 255, 10]).toString("base64"),
          encoding: "base64",
        },
      ],
    });
    expect(written.value).toEqual({
      written: [
        { path: "tool/greet.sh", bytes: 33 },
        { path: "tool/raw", bytes: 3 },
      ],
    });
    const command = "./greet.sh you | tee out.txt; echo no >&2; exit 3";
    const ran = await mcp.call("run", { sandbox, command, cwd: "tool" });
    expect(ran).toMatchObject({
      isError: false,
      value: { exitCode: 3, stdout: "hello, you\n", stderr: "no\n", stdoutDroppedCharacters: 0 },
    });
    expect(ran.text).toBe(
      `Command ${String(ran.value["commandId"])} ended with exit code 3.\n--- stdout\nhello, you\n\n--- stderr\nno\n`,
    );
    const read = await mcp.call("read", { sandbox, path: "tool/out.txt" });
    expect(read.value).toEqual({
      path: "tool/out.txt",
      content: "hello, you\n",
      encoding: "utf8",
      offset: 0,
      bytes: 11,
    });
    const raw = await mcp.call("read", { sandbox, path: "tool/raw" });
    expect(raw.value).toMatchObject({ content: "AP8K", encoding: "base64" });
    const listed = await mcp.call("list", { sandbox });
    expect(listed.value).toMatchObject({
      sandboxes: [{ sandbox, status: "running" }],
      commands: [{ commandId: ran.value["commandId"], command: `bash -c ${command}`, exitCode: 3 }],
    });
  });

  test("reads a long file in pieces that end no character in its middle", async () => {
    await mcp.call("run", { sandbox, command: "printf 'é%.0s' {1..10} > long" });
    const pieces: string[] = [];
    let offset: unknown = 0;
    while (offset !== undefined) {
      const { value } = await mcp.call("read", { sandbox, path: "long", offset, maxBytes: 7 });
      pieces.push(value["content"] as string);
      offset = value["nextOffset"];
    }
    expect(pieces).toEqual(["ééé", "ééé", "ééé", "é"]);
  });

  test("gives the end of a long output, says what it left out, and gives more when asked", async () => {
    const { value, text } = await mcp.call("run", { sandbox, command: "seq 1 20000" });
    const whole = Array.from({ length: 20_000 }, (_each, index) => `${index + 1}\n`).join("");
    expect(value["stdout"]).toBe(whole.slice(-20_000));
    expect(value["stdoutDroppedCharacters"]).toBe(whole.length - 20_000);
    expect(text).toContain(`[${whole.length - 20_000} earlier characters of stdout are not shown`);
    const all = await mcp.call("logs", { sandbox, maxCharacters: 200_000 });
    expect(all.value).toMatchObject({ stdout: whole, exitCode: 0, stdoutDroppedCharacters: 0 });
  });

  test("runs a server in the background, gives its URL, and its log while it runs", async () => {
    const program =
      "require('http').createServer((q, r) => r.end('hi\\n')).listen(process.env.PORT ?? 4400, () => console.log('ready'))";
    const { value } = await mcp.call("url", { sandbox, port: 4400 });
    const started = await mcp.call("run", {
      sandbox,
      command: `exec node -e "${program}"`,
      background: true,
    });
    expect(started.value).toMatchObject({ exitCode: null, stdout: "" });
    const command = started.value["commandId"];
    const url = String(value["url"]);
    let answer = await fetch(url);
    // Until it listens, the port's own page answers; the log's first words come after that.
    while (answer.status === 502) answer = await fetch(url);
    expect(await answer.text()).toBe("hi\n");
    const log = await mcp.call("logs", { sandbox, command });
    expect(log.value).toMatchObject({ commandId: command, exitCode: null, stdout: "ready\n" });
    await mcp.call("run", { sandbox, command: "pkill -f createServer; true" });
    const ended = await mcp.call("logs", { sandbox, command, waitMs: 20_000 });
    expect(ended.value["exitCode"]).toBe(143);
  });

  test("keeps files in snapshots, from which others start, and forks", async () => {
    await mcp.call("run", { sandbox, command: "echo kept > kept.txt" });
    const { value } = await mcp.call("snapshot", { sandbox });
    const source = { type: "snapshot", snapshotId: value["snapshotId"] };
    const made = await mcp.call("create", { source });
    const forked = await mcp.call("fork", { sandbox });
    for (const { value: copy } of [made, forked]) {
      const read = await mcp.call("read", { sandbox: copy["sandbox"], path: "kept.txt" });
      expect(read.value["content"]).toBe("kept\n");
      const stopped = await mcp.call("stop", { sandbox: copy["sandbox"], delete: true });
      expect(stopped.value).toEqual({ sandbox: copy["sandbox"], status: "deleted" });
    }
    const stopped = await mcp.call("stop", { sandbox });
    expect(stopped.value).toMatchObject({ sandbox, status: "stopped" });
    // The next use resumes it.
    const again = await mcp.call("run", { sandbox, command: "cat kept.txt" });
    expect(again.value["stdout"]).toBe("kept\n");
  });

  test("says what is wrong, and what to do, as the tool's error", async () => {
    const unknown = await mcp.call("run", { sandbox: "nobody", command: "true" });
    expect(unknown).toMatchObject({
      isError: true,
      text: "There is no sandbox named nobody.\nCall `list` to see the sandboxes, or one sandbox's commands; `create` makes a sandbox.",
    });
    const missing = await mcp.call("read", { sandbox, path: "nothing/here" });
    expect(missing).toMatchObject({
      isError: true,
      text: `There is no file nothing/here in ${sandbox}.\nLook with \`run\`, such as \`ls -la\`.`,
    });
    const taken = await mcp.call("create", { name: sandbox });
    expect(taken).toMatchObject({
      isError: true,
      text: expect.stringContaining("Use the one that is there, or give another name."),
    });
    const wrong = await mcp.call("run", { sandbox, command: "true", directory: "/tmp" });
    expect(wrong).toMatchObject({ isError: true, text: expect.stringContaining("directory") });
    const encoded = { path: "a", content: "no base64!", encoding: "base64" };
    const bad = await mcp.call("write", { sandbox, files: [encoded] });
    expect(bad).toMatchObject({
      isError: true,
      text: expect.stringContaining("said to be base64"),
    });
  });

  test("ends a command whose client does not wait for it any more", async () => {
    const leaves = new AbortController();
    const command = "touch begun; sleep 600";
    const running = mcp.call("run", { sandbox, command }, { signal: leaves.signal });
    await mcp.call("run", { sandbox, command: "until [ -e begun ]; do sleep 0.02; done" });
    leaves.abort("enough");
    await expect(running).rejects.toThrow("enough");
    const { commands } = (await mcp.call("list", { sandbox })).value as {
      commands: { commandId: string; command: string }[];
    };
    const { commandId } = commands.find((each) => each.command.endsWith(command))!;
    const log = await mcp.call("logs", { sandbox, command: commandId, waitMs: 20_000 });
    expect(log.value["exitCode"]).toBe(137);
  });

  test("ends a command whose time is up", async () => {
    const { value } = await mcp.call("run", { sandbox, command: "sleep 600", timeoutMs: 50 });
    expect(value["exitCode"]).toBe(137);
  });
});

describe("a server at the other end of pipes", () => {
  test("ends with its client, and what the client waited for with it", async () => {
    await using other = await connect(overHttp());
    const { value } = await other.call("create", {});
    const { sandbox } = value;
    const transport = overStdio();
    const mcp = await connect(transport);
    const running = mcp.call("run", { sandbox, command: "touch begun; sleep 600" });
    const left = running.then(
      () => "answered",
      () => "left",
    );
    await other.call("run", { sandbox, command: "until [ -e begun ]; do sleep 0.02; done" });
    await mcp[Symbol.asyncDispose]();
    expect(await left).toBe("left");
    const { commands } = (await other.call("list", { sandbox })).value as {
      commands: { commandId: string; command: string }[];
    };
    const { commandId } = commands.find((each) => each.command.endsWith("sleep 600"))!;
    const log = await other.call("logs", { sandbox, command: commandId, waitMs: 20_000 });
    expect(log.value["exitCode"]).toBe(137);
    await other.call("stop", { sandbox, delete: true });
  });

  test("exits with 0, and writes nothing but messages, when its input ends", async () => {
    const child = spawn(process.execPath, [MAIN, "mcp"], {
      env: environment(),
      stdio: ["pipe", "pipe", "inherit"],
    });
    const lines: string[] = [];
    createInterface({ input: child.stdout as Readable }).on("line", (line) => lines.push(line));
    const ended = once(child, "close");
    const params = {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "raw", version: "1" },
    };
    const request = { jsonrpc: "2.0", id: 1, method: "initialize", params };
    child.stdin.write(`${JSON.stringify(request)}\n`);
    await once(child.stdout as Readable, "data");
    child.stdin.end();
    expect(await ended).toEqual([0, null]);
    expect(lines.map((line) => (JSON.parse(line) as { id: number }).id)).toEqual([1]);
  });
});

describe("a server on a port", () => {
  const initialize = JSON.stringify({
    jsonrpc: "2.0",
    id: 1,
    method: "initialize",
    params: {
      protocolVersion: "2025-06-18",
      capabilities: {},
      clientInfo: { name: "raw", version: "1" },
    },
  });
  const ask = (headers: Record<string, string>, url = http.url, body = initialize) =>
    fetch(url, {
      method: "POST",
      body,
      headers: {
        "content-type": "application/json",
        accept: "application/json, text/event-stream",
        ...headers,
      },
    });
  const bearer = () => ({ authorization: `Bearer ${http.token}` });

  test.each([
    ["no token", {}, 401],
    ["another token", { authorization: "Bearer 0000" }, 401],
  ])("refuses %s", async (_, headers, status) => {
    expect((await ask(headers)).status).toBe(status);
  });

  test("refuses pages of other origins and sites, whatever they send", async () => {
    for (const headers of [
      { origin: "http://evil.example" },
      { origin: "null" },
      { "sec-fetch-site": "cross-site" },
    ]) {
      expect((await ask({ ...bearer(), ...headers })).status).toBe(403);
    }
    const own = { origin: new URL(http.url).origin, "sec-fetch-site": "same-origin" };
    const begun = await ask({ ...bearer(), ...own });
    expect(begun.status).toBe(200);
    await begun.body?.cancel();
  });

  test("answers at no other path, and knows no session that it did not begin", async () => {
    expect((await ask(bearer(), new URL("/", http.url).href)).status).toBe(404);
    // No path of a URL, but one of a request.
    expect((await ask(bearer(), `${new URL(http.url).origin}//`)).status).toBe(404);
    expect((await ask({ ...bearer(), "mcp-session-id": "made-up" })).status).toBe(404);
    const list = JSON.stringify({ jsonrpc: "2.0", id: 2, method: "tools/list", params: {} });
    expect((await ask(bearer(), http.url, list)).status).toBe(400);
  });

  test("forgets a session that its client ended", async () => {
    const begun = await ask(bearer());
    await begun.text();
    const id = begun.headers.get("mcp-session-id") ?? "";
    const session = { ...bearer(), "mcp-session-id": id };
    const ended = await fetch(http.url, { method: "DELETE", headers: session });
    expect(ended.status).toBe(200);
    expect((await ask(session)).status).toBe(404);
  });
});

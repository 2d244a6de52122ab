import { prepareSandboxForHarness } from "@ai-sdk/harness/agent";
import type { HarnessV1NetworkSandboxSession, HarnessV1SandboxProvider } from "@ai-sdk/harness";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { APIError, Sandbox } from "../trigger-client/index.ts";
import { clientHome } from "../testing/client-home.ts";
import { createSandlotSandbox, sandboxSession } from "./index.ts";

let home: Awaited<ReturnType<typeof clientHome>>;
let sandbox: Sandbox;
let session: ReturnType<typeof sandboxSession>;

beforeAll(async () => {
  home = await clientHome();
  sandbox = await Sandbox.create({ env: { WHO: "you" }, ports: [4600] });
  session = sandboxSession(sandbox);
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

type CreateOptions = NonNullable<Parameters<HarnessV1SandboxProvider["createSession"]>[0]>;

const text = (stream: ReadableStream<Uint8Array>) => new Response(stream).text();

describe("a session's files", () => {
  test("are written and read as text, bytes and streams", async () => {
    await session.writeTextFile({ path: "notes/a.txt", content: "one\ntwo\nthree\n" });
    const bytes = Uint8Array.from([0, 255, 128, 10]);
    await session.writeBinaryFile({ path: "notes/raw", content: bytes });
    await session.writeFile({ path: "notes/streamed", content: new Blob(["flow"]).stream() });
    expect(await session.readTextFile({ path: "notes/a.txt" })).toBe("one\ntwo\nthree\n");
    expect(Uint8Array.from((await session.readBinaryFile({ path: "notes/raw" }))!)).toEqual(bytes);
    expect(await text((await session.readFile({ path: `${sandbox.cwd}/notes/streamed` }))!)).toBe(
      "flow",
    );
  });

  test("are read by lines, counted from one, with both ends", async () => {
    const path = "lines.txt";
    await session.writeTextFile({ path, content: "one\ntwo\nthree" });
    const read = (startLine?: number, endLine?: number) =>
      session.readTextFile({
        path,
        ...(startLine !== undefined && { startLine }),
        ...(endLine !== undefined && { endLine }),
      });
    expect(await read(2, 2)).toBe("two\n");
    expect(await read(2)).toBe("two\nthree");
    expect(await read(undefined, 99)).toBe("one\ntwo\nthree");
    expect(await read(4)).toBe("");
  });

  test("have encodings, of which unknown ones are refused by name", async () => {
    await session.writeTextFile({ path: "latin", content: "é", encoding: "latin1" });
    expect([...(await session.readBinaryFile({ path: "latin" }))!]).toEqual([0xe9]);
    expect(await session.readTextFile({ path: "latin", encoding: "latin1" })).toBe("é");
    const odd = { path: "latin", encoding: "ebcdic" };
    await expect(session.readTextFile(odd)).rejects.toMatchObject({ code: "unsupported" });
    await expect(session.writeTextFile({ ...odd, content: "" })).rejects.toThrow('"ebcdic"');
  });

  test("are null where there is nothing", async () => {
    const file = { path: "nothing" };
    expect(await session.readFile(file)).toBeNull();
    expect(await session.readBinaryFile(file)).toBeNull();
    expect(await session.readTextFile(file)).toBeNull();
    expect(await session.stat(file)).toBeNull();
    expect(await session.listDirectory(file)).toBeNull();
    expect(await session.deleteFile(file)).toBe(false);
  });

  test("are told, listed and deleted for what they are", async () => {
    const command = "mkdir -p kinds/inner && cd kinds && printf 12345 > five && ln -s inner link";
    expect((await session.run({ command })).exitCode).toBe(0);
    expect(await session.stat({ path: "kinds/five" })).toEqual({ type: "file", size: 5 });
    expect(await session.stat({ path: "kinds/link" })).toMatchObject({ type: "directory" });
    const listed = await session.listDirectory({ path: "kinds" });
    expect(listed!.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual([
      { name: "five", type: "file" },
      { name: "inner", type: "directory" },
      { name: "link", type: "symlink" },
    ]);
    await expect(session.listDirectory({ path: "kinds/five" })).rejects.toThrow(
      "it is no directory",
    );
    await expect(session.deleteFile({ path: "kinds/inner" })).rejects.toThrow("is a directory");
    await expect(session.writeTextFile({ path: "kinds/inner", content: "" })).rejects.toThrow();
    expect(await session.deleteFile({ path: "kinds/link" })).toBe(true);
    expect(await session.stat({ path: "kinds/inner" })).toMatchObject({ type: "directory" });
  });
});

describe("a session's commands", () => {
  test("run in its directory or a given one, with variables of their own", async () => {
    const command = 'echo "$WHO $MORE"; pwd >&2; exit 3';
    const options = { command, env: { MORE: "too" }, workingDirectory: "/tmp" };
    expect(await session.run(options)).toEqual({
      exitCode: 3,
      stdout: "you too\n",
      stderr: "/tmp\n",
    });
  });

  test("are killed by an abort, and reject with its reason", async () => {
    const stop = new AbortController();
    const child = await session.spawn({
      command: "echo begun; sleep 600",
      abortSignal: stop.signal,
    });
    const reader = child.stdout.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("begun\n");
    const ended = child.wait();
    stop.abort(new Error("enough"));
    await expect(ended).rejects.toThrow("enough");
    const left = await session.run({ command: "pgrep -fx 'sleep 600'" });
    expect(left.stdout).toBe("");
  });

  test("give each stream by itself, to whoever reads it, and are killed twice without harm", async () => {
    const child = await session.spawn({ command: "echo out; echo err >&2; sleep 600" });
    const reader = child.stderr.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("err\n");
    await reader.cancel();
    await child.kill();
    await child.kill();
    expect(await child.wait()).toEqual({ exitCode: 137 });
    expect(await text(child.stdout)).toBe("out\n");
    expect("stdin" in child).toBe(false);
  });

  test("read what is written to them until it is closed", async () => {
    const child = await session.spawn({ command: "tr a-z A-Z; echo ended", stdin: true });
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("hello "));
    await writer.write(new TextEncoder().encode("there\n"));
    await writer.close();
    expect(await text(child.stdout)).toBe("HELLO THERE\nended\n");
    expect(await child.wait()).toEqual({ exitCode: 0 });
  });

  test("resume a sandbox that has stopped", async () => {
    await session.writeTextFile({ path: "kept.txt", content: "kept" });
    await sandbox.stop();
    const child = await session.spawn({ command: "cat; cat kept.txt", stdin: true });
    await child.stdin.close();
    expect(await text(child.stdout)).toBe("kept");
    expect(await session.readTextFile({ path: "kept.txt" })).toBe("kept");
  });
});

describe("the harness' provider", () => {
  const provider = createSandlotSandbox({ ports: [4601], timeout: 120_000 });

  test("makes sessions that are found again by their id, and destroyed, whether or not they run", async () => {
    const made = await provider.createSession({ sessionId: "chat / 7" });
    expect(made).toMatchObject({ defaultWorkingDirectory: "/vercel/sandbox", ports: [4601] });
    await made.writeTextFile({ path: "memo", content: "mine" });
    await made.stop();
    await made.stop();
    const again = await provider.resumeSession!({ sessionId: "chat / 7" });
    expect(again.id).toBe(made.id);
    expect(await again.readTextFile({ path: "memo" })).toBe("mine");
    await again.destroy();
    await again.destroy();
    await expect(provider.resumeSession!({ sessionId: "chat / 7" })).rejects.toBeInstanceOf(
      APIError,
    );
  });

  test("tells where ports are, exposes others, and refuses what is not there", async () => {
    const made = await provider.createSession();
    const { url } = await made.getPortEndpoint({ port: 4601, protocol: "ws" });
    expect(url).toMatch(/^ws:\/\/localhost:\d+$/);
    await made.setPorts!([4601, 4602]);
    expect(made.ports).toEqual([4601, 4602]);
    expect(made.description).toContain("port 4602 is at http://localhost:");
    await expect(made.getPortEndpoint({ port: 4601, protocol: "https" })).rejects.toMatchObject({
      code: "unsupported",
    });
    await made.destroy();
  });

  test("keeps a network closed that was closed, whatever is set for requests", async () => {
    const made = await createSandlotSandbox({ networkPolicy: "deny-all" }).createSession();
    const again = await createSandlotSandbox({
      sandbox: await Sandbox.get({ name: made.id }),
    }).createSession();
    for (const each of [made, again]) {
      await each.addRequestTransformations?.([
        { match: { host: "a.example" }, transform: { headers: { "x-a": "1" } } },
      ]);
      const { networkPolicy } = (await Sandbox.get({ name: made.id })).currentSession();
      expect(networkPolicy).toBe("deny-all");
    }
    await made.destroy();
  });

  test("shows others a part of it that can end nothing", async () => {
    const own = await createSandlotSandbox({ sandbox }).createSession();
    expect(own.id).toBe(sandbox.name);
    expect(Object.keys(own.restricted()).filter((name) => !(name in session))).toEqual([]);
    expect((await own.restricted().run({ command: "echo hi" })).stdout).toBe("hi\n");
  });

  test("sets up once for an identity what all its sessions begin with", async () => {
    const onFirstCreate = vi.fn<NonNullable<CreateOptions["onFirstCreate"]>>(async (first) => {
      await first.writeTextFile({ path: "tools/ready", content: "yes" });
    });
    const setUp = { identity: "recipe-1", onFirstCreate };
    const made = await Promise.all([provider.createSession(setUp), provider.createSession(setUp)]);
    const later = await createSandlotSandbox().createSession(setUp);
    for (const each of [...made, later]) {
      expect(await each.readTextFile({ path: "tools/ready" })).toBe("yes");
      await each.destroy();
    }
    expect(onFirstCreate).toHaveBeenCalledTimes(1);
    expect(new Set([...made, later].map(({ id }) => id)).size).toBe(3);
  });

  test("leaves no sandbox behind whose set-up failed, and begins anew", async () => {
    const before = (await Sandbox.list({ limit: 100 })).sandboxes.length;
    const identity = "recipe-2";
    const fails = async () => Promise.reject(new Error("no network"));
    await expect(provider.createSession({ identity, onFirstCreate: fails })).rejects.toThrow(
      "no network",
    );
    expect((await Sandbox.list({ limit: 100 })).sandboxes.length).toBe(before);
    const onFirstCreate = vi.fn<() => Promise<void>>(async () => undefined);
    const made = await provider.createSession({ identity, onFirstCreate });
    expect(onFirstCreate).toHaveBeenCalledTimes(1);
    await made.destroy();
  });

  test("sets up for the others when the session that began it is not wanted any more", async () => {
    const identity = "recipe-3";
    const leaves = new AbortController();
    const first = provider.createSession({
      identity,
      abortSignal: leaves.signal,
      onFirstCreate: async () => {
        leaves.abort(new Error("enough"));
        leaves.signal.throwIfAborted();
      },
    });
    const onFirstCreate = vi.fn<() => Promise<void>>(async () => undefined);
    const second = provider.createSession({ identity, onFirstCreate });
    await expect(first).rejects.toThrow("enough");
    await (await second).destroy();
    expect(onFirstCreate).toHaveBeenCalledTimes(1);
  });

  test("is what the harness' own preparation works with", async () => {
    const made: HarnessV1NetworkSandboxSession = await provider.createSession();
    const recipe = {
      harnessId: "test",
      bootstrapDir: "/tmp/harness/test",
      files: [{ path: "/tmp/harness/test/run.sh", content: "echo prepared\n" }],
      commands: [{ command: "bash run.sh > out.txt" }],
    };
    const harness = { harnessId: "test", getBootstrap: async () => recipe };
    await prepareSandboxForHarness({
      session: made.restricted(),
      harnesses: [
        harness as unknown as Parameters<typeof prepareSandboxForHarness>[0]["harnesses"][0],
      ],
    });
    expect(await made.readTextFile({ path: "/tmp/harness/test/out.txt" })).toBe("prepared\n");
    await made.destroy();
  });
});

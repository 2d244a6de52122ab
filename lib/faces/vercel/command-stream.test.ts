import { Sandbox } from "@vercel/sandbox";
import { describe, expect, test } from "vitest";
import { SandboxError } from "../../contract/errors.ts";
import { scriptedFace } from "../../testing/face-client.ts";
import type { ScriptedProcess } from "../../testing/scripted-commands.ts";

type Face = ReturnType<typeof scriptedFace>;

/** A sandbox, and a program `script` whose process the test holds in its hands. */
async function withScript(options: Parameters<typeof scriptedFace>[0] = {}) {
  const made: Face = scriptedFace(options);
  const started = Promise.withResolvers<ScriptedProcess>();
  made.commands.scripts.set("script", started.resolve);
  const sandbox = await Sandbox.create({ ...made.caller, name: "box" });
  const { sessionId } = sandbox.currentSession();
  const base = `http://face.test/v2/sandboxes/sessions/${sessionId}/cmd`;
  const start = (body: object, init: RequestInit = {}) =>
    made.face.fetch(
      new Request(base, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ command: "script", ...body }),
        ...init,
      }),
    );
  return { ...made, sandbox, sessionId, base, start, process: started.promise };
}

function reading(response: Response) {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  return {
    next: async () => (await reader.read()).value,
    cancel: (reason?: unknown) => reader.cancel(reason),
  };
}

describe("a foreground command", () => {
  test("is told of at once, then its output as it comes, then its end", async () => {
    const { start, process, sessionId } = await withScript();
    const response = await start({ args: ["a"], wait: true, logs: true });
    expect(response.status).toBe(200);
    // The SDK compares the whole text.
    expect(response.headers.get("content-type")).toBe("application/x-ndjson");
    const lines = reading(response);
    const command = {
      id: expect.stringMatching(/^cmd_/),
      name: "script",
      args: ["a"],
      cwd: "/vercel/sandbox",
      sessionId,
      exitCode: null,
      startedAt: expect.any(Number),
    };
    expect(JSON.parse((await lines.next()) ?? "")).toEqual({ command });
    const running = await process;
    running.write("stdout", "öne\n");
    expect(await lines.next()).toBe('{"stream":"stdout","data":"öne\\n"}\n');
    running.write("stderr", "two");
    expect(await lines.next()).toBe('{"stream":"stderr","data":"two"}\n');
    running.exit(3);
    expect(JSON.parse((await lines.next()) ?? "")).toEqual({
      command: { ...command, exitCode: 3, durationMs: expect.any(Number) },
    });
    expect(await lines.next()).toBeUndefined();
  });

  test("has no output in its stream unless that was asked for", async () => {
    const { start, process } = await withScript();
    const response = await start({ wait: true });
    const running = await process;
    running.write("stdout", "quiet");
    running.exit(0);
    const lines = (await response.text())
      .trimEnd()
      .split("\n")
      .map((line) => Object.keys(JSON.parse(line)));
    expect(lines).toEqual([["command"], ["command"]]);
  });

  test("reaches the vendor's SDK with its output, its exit code and its length", async () => {
    const { sandbox, commands } = await withScript();
    commands.scripts.set("both", (running) => {
      running.write("stdout", "out");
      running.write("stderr", "err");
      running.exit(7);
    });
    const result = await sandbox.runCommand("both");
    expect(result.exitCode).toBe(7);
    expect(result.durationMs).toEqual(expect.any(Number));
    expect([await result.stdout(), await result.stderr()]).toEqual(["out", "err"]);
    await expect(sandbox.runCommand("no such program")).rejects.toMatchObject({
      response: { status: 400 },
    });
  });

  test("goes on when its reader leaves, and only the reading stops", async () => {
    const { start, process, commands, sandbox } = await withScript();
    const lines = reading(await start({ wait: true, logs: true }));
    await lines.next();
    const running = await process;
    running.write("stdout", "one");
    await lines.next();
    expect(commands.readers(running.command.id)).toBe(1);
    await lines.cancel();
    await expect.poll(() => commands.readers(running.command.id)).toBe(0);
    expect((await sandbox.getCommand(running.command.id)).exitCode).toBeNull();
    running.exit(0);
    expect((await sandbox.getCommand(running.command.id)).exitCode).toBe(0);
  });

  test("goes on when its request is aborted, and the reader sees the reason", async () => {
    const { start, process, commands } = await withScript();
    const caller = new AbortController();
    const lines = reading(await start({ wait: true, logs: true }, { signal: caller.signal }));
    await lines.next();
    const running = await process;
    const next = lines.next();
    const reason = new Error("enough");
    caller.abort(reason);
    await expect(next).rejects.toBe(reason);
    await expect.poll(() => commands.readers(running.command.id)).toBe(0);
  });

  test("whose logs nobody reads holds no reader of the engine's", async () => {
    const { start, process, commands, face, base } = await withScript();
    await start({ wait: true, logs: true });
    const { id } = (await process).command;
    const response = await face.fetch(new Request(`${base}/${id}/logs`));
    // Whatever would be made ahead is made by now.
    await new Promise((resolve) => setImmediate(resolve));
    expect([response.status, commands.readers(id)]).toEqual([200, 0]);
  });

  test("keeps its connection by empty lines while it is silent", async () => {
    const { start, process } = await withScript({ keepAliveMs: 5 });
    const lines = reading(await start({ wait: true, logs: true }));
    await lines.next();
    expect(await lines.next()).toBe("\n");
    expect(await lines.next()).toBe("\n");
    (await process).exit(0);
    let last: string | undefined;
    for (let line = await lines.next(); line !== undefined; line = await lines.next()) last = line;
    expect(JSON.parse(last ?? "").command.exitCode).toBe(0);
  });

  test("ends with its session by the line that a killed one has", async () => {
    const { start, process, sandbox } = await withScript();
    const response = await start({ wait: true, logs: true });
    await process;
    await sandbox.stop();
    const last = (await response.text()).trimEnd().split("\n").at(-1) ?? "";
    expect(JSON.parse(last).command.exitCode).toBe(137);
  });
});

describe("logs", () => {
  test("are replayed from the start, as often as they are asked for", async () => {
    const { sandbox } = await withScript();
    const detached = await sandbox.runCommand({ cmd: "echo", args: ["again"], detached: true });
    for (let round = 0; round < 2; round += 1) {
      const lines = [];
      for await (const line of detached.logs()) lines.push(line);
      expect(lines).toEqual([{ stream: "stdout", data: "again\n" }]);
    }
  });

  test("say where bytes were dropped, on the stream that lost them", async () => {
    const { face, start, process, base } = await withScript();
    await start({});
    const running = await process;
    running.write("stderr", "rest", 1234);
    running.exit(0);
    const response = await face.fetch(new Request(`${base}/${running.command.id}/logs`));
    expect(await response.text()).toBe(
      '{"stream":"stderr","data":"[sandlot: 1234 bytes dropped here: the log reached its limit]\\n"}\n' +
        '{"stream":"stderr","data":"rest"}\n',
    );
  });

  test("that can no longer be had end by an error that the SDK throws", async () => {
    const { sandbox, process, start, lines } = await withScript();
    await start({});
    const running = await process;
    running.write("stdout", "one");
    const seen: string[] = [];
    const command = await sandbox.getCommand(running.command.id);
    const reading = (async () => {
      for await (const { data } of command.logs()) {
        seen.push(data);
        running.failOutput(new SandboxError("sandbox_stopped", "The session is gone."));
      }
    })();
    await expect(reading).rejects.toMatchObject({
      name: "StreamError",
      code: "sandbox_stopped",
      message: "The session is gone.",
    });
    expect(seen).toEqual(["one"]);
    expect(lines).toEqual([]);
  });

  test("of an unknown command are a 404, not a stream", async () => {
    const { call, sessionId } = await withScript();
    expect(
      await call("GET", `/v2/sandboxes/sessions/${sessionId}/cmd/cmd_none/logs`),
    ).toMatchObject({
      status: 404,
      json: { error: { code: "not_found" } },
    });
  });
});

describe("waiting for a command", () => {
  test("answers when it has ended", async () => {
    const { sandbox, process, start } = await withScript();
    await start({});
    const running = await process;
    const waiting = (await sandbox.getCommand(running.command.id)).wait();
    running.exit(5);
    expect((await waiting).exitCode).toBe(5);
  });

  test("begins its answer early when it takes long, and keeps it alive by blanks", async () => {
    const { face, base, process, start } = await withScript({ patienceMs: 1, keepAliveMs: 5 });
    await start({});
    const running = await process;
    const response = await face.fetch(new Request(`${base}/${running.command.id}?wait=true`));
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      "application/json",
    ]);
    const text = reading(response);
    expect([await text.next(), await text.next()]).toEqual([" ", " "]);
    running.exit(0);
    let rest = "";
    for (let piece = await text.next(); piece !== undefined; piece = await text.next())
      rest += piece;
    expect(JSON.parse(rest).command).toMatchObject({ id: running.command.id, exitCode: 0 });
  });

  test("that fails after its answer began says so in the body, and the SDK does not take it", async () => {
    const { caller, fetch, engine } = scriptedFace({ patienceMs: 1 });
    const failing = Promise.withResolvers<never>();
    const sandbox = await Sandbox.create({
      ...caller,
      fetch: async (input, init) => {
        const response = await fetch(input, init);
        // By now the status has been sent.
        if (typeof input === "string" && input.includes("wait=true")) {
          failing.reject(new SandboxError("command_not_found", "It is gone."));
        }
        return response;
      },
    });
    const command = await sandbox.runCommand({ cmd: "hold", detached: true });
    engine.commands.wait = () => failing.promise;
    await expect(command.wait()).rejects.toMatchObject({
      response: { status: 200 },
      json: { error: { code: "not_found", message: "It is gone." } },
    });
  });
});

describe("other calls about commands", () => {
  test("list them, newest first: all, or by pages", async () => {
    const { call, sandbox, sessionId } = await withScript();
    for (const word of ["a", "b", "c"]) await sandbox.runCommand("echo", [word]);
    const path = `/v2/sandboxes/sessions/${sessionId}/cmd`;
    const words = (json: { commands: { args: string[] }[] }) =>
      json.commands.map(({ args }) => args[0]);
    const all = (await call("GET", path)).json;
    expect([words(all), all.pagination]).toEqual([["c", "b", "a"], { count: 3, next: null }]);
    const first = (await call("GET", `${path}?limit=2&sortOrder=asc`)).json;
    expect(words(first)).toEqual(["a", "b"]);
    const second = (
      await call("GET", `${path}?limit=2&sortOrder=asc&cursor=${first.pagination.next}`)
    ).json;
    expect([words(second), second.pagination.next]).toEqual([["c"], null]);
  });

  test("signal them by number, and find one that ended already ended", async () => {
    const { sandbox } = await withScript();
    const command = await sandbox.runCommand({ cmd: "hold", detached: true });
    await command.kill("SIGINT");
    expect((await command.wait()).exitCode).toBe(130);
  });

  test("write to their stdin in order, and tell how much arrived in all", async () => {
    const { call, start, process, base } = await withScript();
    await start({ attachStdin: true });
    const running = await process;
    const path = `${new URL(base).pathname}/${running.command.id}/stdin`;
    const data = (text: string) => Buffer.from(text).toString("base64");
    expect((await call("POST", path, { data: data("abc") })).json).toEqual({ bytesWritten: 3 });
    // Sent once more, as after an answer that got lost.
    expect((await call("POST", path, { data: data("abcd"), offset: 0 })).json).toEqual({
      bytesWritten: 4,
    });
    expect((await call("POST", path, {})).json).toEqual({ bytesWritten: 4 });
    expect(await call("POST", path, { data: data("x"), offset: 9 })).toMatchObject({
      status: 409,
      json: { error: { code: "conflict" } },
    });
    expect((await call("POST", path, { close: true })).status).toBe(200);
    expect(Buffer.concat(running.stdin).toString()).toBe("abcd");
  });
});

import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import { temporaryEngine } from "../../testing/temporary-engine.ts";
import type { Engine } from "../engine.ts";
import type { Terminal } from "../ports.ts";
import { KeptTerminal } from "./kept-terminal.ts";

/** Reads until the text was shown, and gives all that came. */
async function until(reading: AsyncGenerator<Uint8Array>, text: string): Promise<string> {
  let seen = "";
  while (!seen.includes(text)) {
    const { value, done } = await reading.next();
    if (done) throw new Error(`It ended after: ${seen}`);
    seen += Buffer.from(value).toString("utf8");
  }
  return seen;
}

async function running() {
  const the = await temporaryEngine();
  const { session } = await the.engine.sandboxes.create({ name: "box", timeoutMs: 9e8 });
  return { ...the, id: session.id };
}

const shell = (engine: Engine, id: string, line: string) =>
  engine.terminals.start(id, { cmd: "sh", args: ["-c", line], env: { PS1: "> " } });

const unknown = expect.objectContaining({ code: "terminal_not_found" });

describe("a terminal that the engine keeps", () => {
  test("goes on without anybody who reads, and shows the last of it to whoever comes", async () => {
    await using the = await running();
    const { engine, id } = the;
    const made = await shell(
      engine,
      id,
      'seq 1 40000; echo "all $(stty size)"; read x; echo "got $x"; exit 3',
    );
    expect(made).toMatchObject({ cmd: "sh", columns: 80, rows: 24, exitCode: null });
    expect(engine.terminals.list(id)).toEqual([made]);
    const first = engine.terminals.attach(id, made.id);
    const seen = await until(first, "all 24 80");
    await first.return();
    // Another comes later: the last 64 KiB are there, whole and in order.
    const second = engine.terminals.attach(id, made.id);
    const again = await until(second, "all 24 80");
    expect(again).toMatch(/39999\r\n40000\r\nall 24 80/);
    expect(again.length).toBeLessThanOrEqual(64 * 1024);
    expect(seen.endsWith(again.slice(-1_000))).toBe(true);
    const third = engine.terminals.attach(id, made.id);
    await engine.terminals.write(id, made.id, Buffer.from("thát\r"));
    expect(await until(third, "got")).toContain("got thát");
    await until(second, "got thát");
    expect(await engine.terminals.wait(id, made.id)).toBe(3);
    expect((await second.next()).done).toBe(true);
    expect(engine.terminals.get(id, made.id).exitCode).toBe(3);
    // What comes too late is lost, and no error.
    await engine.terminals.write(id, made.id, Buffer.from("late"));
  });

  test("takes a size and a signal, and is remembered for a minute after its end", async () => {
    await using the = await running();
    const { engine, id, clock } = the;
    const made = await engine.terminals.start(id, {
      id: "mine",
      cmd: "sh",
      args: ["-c", "trap 'stty size' WINCH; echo ready; while :; do sleep 0.02; done"],
    });
    await expect(engine.terminals.start(id, { id: "mine", cmd: "sh" })).rejects.toMatchObject({
      code: "name_taken",
    });
    const reading = engine.terminals.attach(id, made.id);
    await until(reading, "ready");
    const sized = await engine.terminals.resize(id, "mine", { columns: 101, rows: 33 });
    expect(sized).toMatchObject({ columns: 101, rows: 33 });
    await until(reading, "33 101");
    const waiting = engine.terminals.wait(id, "mine");
    await engine.terminals.signal(id, "mine", 9);
    expect(await waiting).toBe(137);
    await engine.terminals.signal(id, "mine", 9);
    clock.advance(59_999);
    expect(engine.terminals.get(id, "mine").exitCode).toBe(137);
    clock.advance(1);
    expect(() => engine.terminals.get(id, "mine")).toThrow(unknown);
    expect(engine.terminals.list(id)).toEqual([]);
    await expect(engine.terminals.wait(id, "mine")).rejects.toEqual(unknown);
    await expect(engine.terminals.attach(id, "mine").next()).rejects.toEqual(unknown);
    expect((await engine.terminals.start(id, { id: "mine", cmd: "true" })).id).toBe("mine");
  });

  test("ends with its session, and only twenty that ended are remembered", async () => {
    await using the = await running();
    const { engine, id } = the;
    for (let index = 0; index < 23; index += 1) {
      const made = await engine.terminals.start(id, { id: `t${index}`, cmd: "true" });
      await engine.terminals.wait(id, made.id);
    }
    expect(engine.terminals.list(id).map((each) => each.id)).toEqual(
      Array.from({ length: 20 }, (_, index) => `t${index + 3}`),
    );
    const left = await shell(
      engine,
      id,
      "trap '' HUP TERM; echo ready; while :; do sleep 0.02; done",
    );
    const reading = engine.terminals.attach(id, left.id);
    await until(reading, "ready");
    await engine.sessions.stop(id);
    expect(await engine.terminals.wait(id, left.id)).toBeGreaterThan(128);
    while (!(await reading.next()).done);
    await expect(engine.terminals.start(id, { cmd: "sh" })).rejects.toMatchObject({
      code: "sandbox_stopped",
    });
  });

  test("is held up by a reader who is slow, and not by one who has left", async () => {
    await using the = await running();
    const { engine, id } = the;
    const made = await shell(
      engine,
      id,
      "echo begun; head -c 20000000 /dev/zero | tr '\\0' x; echo; echo all; read x",
    );
    const slow = engine.terminals.attach(id, made.id);
    await until(slow, "begun");
    const quick = engine.terminals.attach(id, made.id);
    let bytes = 0;
    const reading = (async () => {
      for await (const data of quick) {
        bytes += data.byteLength;
        if (Buffer.from(data).includes("all")) return;
      }
    })();
    await slow.return();
    await reading;
    // What was before it came is the backlog's, of which it has the last.
    expect(bytes).toBeGreaterThan(19_000_000);
  });

  test("is refused by name where it makes no sense", async () => {
    await using the = await running();
    const { engine, id } = the;
    const invalid = { code: "invalid_request" };
    await expect(engine.terminals.start(id, { id: "a/b", cmd: "sh" })).rejects.toMatchObject(
      invalid,
    );
    await expect(engine.terminals.start(id, { cmd: "sh", rows: 0 })).rejects.toMatchObject(invalid);
    const both = { cmd: "sh", sudo: true, user: "daytona" };
    await expect(engine.terminals.start(id, both)).rejects.toMatchObject(invalid);
    await expect(engine.terminals.start(id, { cmd: "no-such" })).rejects.toMatchObject({
      code: "executable_not_found",
    });
    await expect(engine.terminals.start("sbx_none", { cmd: "sh" })).rejects.toMatchObject({
      code: "session_not_found",
    });
    expect(engine.terminals.list(id)).toEqual([]);
  });
});

/** One whose program is done as soon as somebody asks it to be. */
function scripted(output: Readable): Terminal {
  const ended = Promise.withResolvers<{ exitCode: number }>();
  return {
    output,
    exited: ended.promise,
    findPid: async () => undefined,
    signal: () => undefined,
    write: () => undefined,
    resize: () => undefined,
    async [Symbol.asyncDispose]() {
      output.push("the last of it");
      output.push(null);
      output.resume();
      ended.resolve({ exitCode: 137 });
    },
  };
}

const VIEW = { id: "a", cmd: "sh", args: [], cwd: "/", columns: 80, rows: 24, startedAt: 0 };

test("the end of a terminal waits for no reader, and the reader still gets all of it", async () => {
  const output = new Readable({ read: () => undefined });
  const kept = new KeptTerminal(scripted(output), { ...VIEW, exitCode: null });
  const slow = kept.read();
  const first = slow.next();
  output.push("begun");
  expect(Buffer.from((await first).value ?? []).toString()).toBe("begun");
  output.push(Buffer.alloc(2 * 1024 * 1024));
  await expect.poll(() => output.isPaused()).toBe(true);
  await kept.end();
  expect(kept.view.exitCode).toBe(137);
  let bytes = 0;
  for await (const data of slow) bytes += data.byteLength;
  expect(bytes).toBe(2 * 1024 * 1024 + "the last of it".length);
});

test("a terminal that has ended before it is kept has ended", async () => {
  const output = new Readable({ read: () => undefined });
  const terminal = scripted(output);
  await terminal[Symbol.asyncDispose]();
  await expect.poll(() => output.closed).toBe(true);
  expect(await new KeptTerminal(terminal, { ...VIEW, exitCode: null }).ended).toBe(137);
});

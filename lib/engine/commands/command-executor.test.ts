import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { firstOutput, runToEnd } from "../../testing/in-sandbox.ts";
import { isRunning } from "../../testing/is-running.ts";
import { temporaryEngine } from "../../testing/temporary-engine.ts";

/** For a machine that has much else to do. */
const PATIENT = { timeout: 10_000 };

const page = { limit: 100, sortOrder: "asc" } as const;

async function running() {
  const fixture = await temporaryEngine();
  const { session, sandbox } = await fixture.engine.sandboxes.create({
    env: { A: "sandbox", B: "kept" },
  });
  return { ...fixture, id: session.id, name: sandbox.name };
}

describe("a command", () => {
  test("gets its arguments as they are, never through a shell", async () => {
    await using sandbox = await running();
    const run = await runToEnd(sandbox.engine, sandbox.id, "printf", [
      "%s|",
      "$HOME",
      "a b",
      "*",
      ";",
    ]);
    expect(run.stdout).toBe("$HOME|a b|*|;|");
  });

  test("sees the sandbox's variables, its own first", async () => {
    await using sandbox = await running();
    const command = await sandbox.engine.commands.start(sandbox.id, {
      cmd: "sh",
      args: ["-c", 'echo "$A $B $C"'],
      env: { A: "command", C: "new" },
    });
    let output = "";
    for await (const { data } of sandbox.engine.commands.output(sandbox.id, command.id))
      output += data;
    expect(output).toBe("command kept new\n");
  });

  test.each([
    ["exit 3", 3],
    ["kill -INT $$", 130],
    ["kill -TERM $$", 143],
    ["kill -KILL $$", 137],
  ])("that does `%s` ends with %i", async (script, exitCode) => {
    await using sandbox = await running();
    expect((await runToEnd(sandbox.engine, sandbox.id, "sh", ["-c", script])).exitCode).toBe(
      exitCode,
    );
  });

  test("that is no program is refused before anything is recorded", async () => {
    await using sandbox = await running();
    const start = sandbox.engine.commands.start(sandbox.id, { cmd: "no-such-program" });
    await expect(start).rejects.toMatchObject({ code: "executable_not_found" });
    expect(sandbox.engine.commands.list(sandbox.id, page).items).toEqual([]);
  });

  test("is killed when its time is over, also detached", async () => {
    await using sandbox = await running();
    const { commands } = sandbox.engine;
    const command = await commands.start(sandbox.id, {
      cmd: "sleep",
      args: ["600"],
      timeoutMs: 5_000,
    });
    sandbox.clock.advance(4_999);
    expect((await commands.get(sandbox.id, command.id)).exitCode).toBeNull();
    sandbox.clock.advance(1);
    expect(await commands.wait(sandbox.id, command.id)).toMatchObject({
      exitCode: 137,
      durationMs: 5_000,
    });
  });

  test("dies with everything it started, also what put itself in the background", async () => {
    await using sandbox = await running();
    const { commands } = sandbox.engine;
    const command = await commands.start(sandbox.id, {
      cmd: "sh",
      args: ["-c", "setsid sh -c 'sleep 601 & echo $!; wait' & wait"],
    });
    const grandchild = Number(await firstOutput(sandbox.engine, sandbox.id, command.id));
    expect(isRunning(grandchild)).toBe(true);
    await commands.kill(sandbox.id, command.id, 9);
    expect((await commands.wait(sandbox.id, command.id)).exitCode).toBe(137);
    expect(isRunning(grandchild)).toBe(false);
  });

  test("can be stopped and continued", async () => {
    await using sandbox = await running();
    const { commands } = sandbox.engine;
    const command = await commands.start(sandbox.id, {
      cmd: "sh",
      args: ["-c", "trap 'echo woke; exit 4' CONT; echo up; while :; do sleep 0.05; done"],
    });
    const output = commands.output(sandbox.id, command.id);
    await output.next();
    await commands.kill(sandbox.id, command.id, 19);
    await commands.kill(sandbox.id, command.id, 18);
    expect((await output.next()).value?.data).toBe("woke\n");
    await output.return();
    expect((await commands.wait(sandbox.id, command.id)).exitCode).toBe(4);
  });

  test("that has ended can be killed without an error, and signals that are none are refused", async () => {
    await using sandbox = await running();
    const { commands } = sandbox.engine;
    const command = await commands.start(sandbox.id, { cmd: "true" });
    await commands.wait(sandbox.id, command.id);
    expect((await commands.kill(sandbox.id, command.id, 15)).exitCode).toBe(0);
    for (const signal of [0, 65, 1.5]) {
      await expect(commands.kill(sandbox.id, command.id, signal)).rejects.toMatchObject({
        code: "invalid_request",
      });
    }
  });

  test("does not hold up its end for what it leaves in the background", async () => {
    await using sandbox = await running();
    const run = await runToEnd(sandbox.engine, sandbox.id, "sh", ["-c", "sleep 602 & echo done"]);
    expect(run).toEqual({ exitCode: 0, stdout: "done\n", stderr: "" });
  });

  test("is not ended by a reader that leaves", async () => {
    await using sandbox = await running();
    const { commands } = sandbox.engine;
    const command = await commands.start(sandbox.id, {
      cmd: "sh",
      args: ["-c", "echo first; read line; echo $line"],
      attachStdin: true,
    });
    for await (const _chunk of commands.output(sandbox.id, command.id)) break;
    await commands.writeStdin(sandbox.id, command.id, { data: Buffer.from("second\n") });
    let output = "";
    for await (const { data } of commands.output(sandbox.id, command.id)) output += data;
    expect(output).toBe("first\nsecond\n");
  });

  test("keeps its output and exit code after its session stopped", async () => {
    await using sandbox = await running();
    const { commands } = sandbox.engine;
    const command = await commands.start(sandbox.id, {
      cmd: "sh",
      args: ["-c", "echo kept; sleep 603"],
    });
    await firstOutput(sandbox.engine, sandbox.id, command.id);
    await sandbox.engine.sessions.stop(sandbox.id);
    const ended = await commands.get(sandbox.id, command.id);
    expect([137, 143]).toContain(ended.exitCode);
    let output = "";
    for await (const { data } of commands.output(sandbox.id, command.id)) output += data;
    expect(output).toBe("kept\n");
    await expect(commands.start(sandbox.id, { cmd: "true" })).rejects.toMatchObject({
      code: "sandbox_stopped",
    });
  });

  test("leaves no file behind once its sandbox is deleted", async () => {
    await using sandbox = await running();
    const command = await sandbox.engine.commands.start(sandbox.id, { cmd: "true" });
    await sandbox.engine.commands.wait(sandbox.id, command.id);
    const directory = join(sandbox.directory, "commands", command.id);
    expect(existsSync(directory)).toBe(true);
    await sandbox.engine.sandboxes.delete(sandbox.name);
    expect(existsSync(directory)).toBe(false);
  });
});

describe("a flood of output", () => {
  test("fills neither the disk nor the memory, whoever stalls while reading it", async () => {
    const limitBytes = 16 * 1024 * 1024;
    const written = 512 * 1024 * 1024;
    await using fixture = await temporaryEngine({ limits: { outputBytes: limitBytes } });
    const { commands } = fixture.engine;
    const { session } = await fixture.engine.sandboxes.create({});
    const memoryBefore = process.memoryUsage.rss();
    const command = await commands.start(session.id, {
      cmd: "sh",
      args: ["-c", `yes 'one line of many that say the same' | head -c ${written}`],
    });
    const stalled = commands.output(session.id, command.id);
    const first = await stalled.next();
    expect((await commands.wait(session.id, command.id)).exitCode).toBe(0);
    const file = join(fixture.directory, "commands", command.id, "stdout");
    await expect.poll(() => statSync(file).blocks * 512, PATIENT).toBeLessThanOrEqual(limitBytes);
    // A reader that was slow to come has missed something already.
    let [read, dropped] = [first.value?.data.length ?? 0, first.value?.dropped ?? 0];
    for await (const chunk of stalled) {
      read += chunk.data.length;
      dropped += chunk.dropped ?? 0;
    }
    expect(read + dropped).toBe(written);
    expect(dropped).toBeGreaterThan(written / 2);
    expect(process.memoryUsage.rss() - memoryBefore).toBeLessThan(100 * 1024 * 1024);
  });
});

describe("many commands", () => {
  test("50 at once each have their own output and end", async () => {
    await using sandbox = await running();
    const runs = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        runToEnd(sandbox.engine, sandbox.id, "sh", ["-c", `echo ${index}; exit ${index}`]),
      ),
    );
    expect(runs).toEqual(
      Array.from({ length: 50 }, (_, index) => ({
        exitCode: index,
        stdout: `${index}\n`,
        stderr: "",
      })),
    );
  });

  test("are listed in pages, in order of their start", async () => {
    await using sandbox = await running();
    const ids: string[] = [];
    for (let round = 0; round < 5; round++) {
      sandbox.clock.advance(1);
      ids.push((await sandbox.engine.commands.start(sandbox.id, { cmd: "true" })).id);
    }
    const first = sandbox.engine.commands.list(sandbox.id, { ...page, limit: 3 });
    const second = sandbox.engine.commands.list(sandbox.id, {
      ...page,
      limit: 3,
      cursor: first.next,
    });
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual(ids);
    expect(second.next).toBeUndefined();
  });
});

import { existsSync } from "node:fs";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type EngineSeries, engineSeries } from "../../testing/engine-series.ts";
import { firstOutput, outputOf, writeText } from "../../testing/in-sandbox.ts";
import { isRunning } from "../../testing/is-running.ts";

const sh = (script: string) => ({ cmd: "sh", args: ["-c", script] });
const page = { limit: 10, sortOrder: "asc" } as const;

async function startIn(series: EngineSeries, script: string, options: { timeoutMs?: number } = {}) {
  const { session } = await series.engine.sandboxes.create({});
  const command = await series.engine.commands.start(session.id, { ...sh(script), ...options });
  return { id: session.id, command, directory: join(series.directory, "commands", command.id) };
}

test("a time limit counts from the start, whichever engine keeps it", async () => {
  await using series = await engineSeries();
  const { id, command } = await startIn(series, "echo $$; exec sleep 600", { timeoutMs: 60_000 });
  const pid = Number(await firstOutput(series.engine, id, command.id));
  series.clock.advance(40_000);
  const engine = await series.restart();
  series.clock.advance(19_999);
  expect(isRunning(pid)).toBe(true);
  series.clock.advance(1);
  expect(await engine.commands.wait(id, command.id)).toMatchObject({
    exitCode: 137,
    durationMs: 60_000,
  });
  expect(isRunning(pid)).toBe(false);
});

test("a time limit that passed while no engine ran is kept by the next", async () => {
  await using series = await engineSeries();
  const { id, command } = await startIn(series, "exec sleep 600", { timeoutMs: 60_000 });
  const engine = await series.restart(() => series.clock.advance(60_000));
  series.clock.advance(0);
  expect(await engine.commands.wait(id, command.id)).toMatchObject({ exitCode: 137 });
});

test("what ended in time while no engine ran keeps its own end", async () => {
  await using series = await engineSeries();
  const { id, command, directory } = await startIn(series, "exit 4", { timeoutMs: 60_000 });
  await series.engine.commands.wait(id, command.id);
  const engine = await series.restart(async (store) => {
    // As if the engine had died before it wrote this down, and long ago.
    store.commands.put(command);
    await writeFile(join(directory, "exit"), "5\n");
    series.clock.advance(3_600_000);
  });
  series.clock.advance(0);
  expect(await engine.commands.get(id, command.id)).toMatchObject({ exitCode: 5 });
});

test("output goes on from where the last engine read, with what came in between", async () => {
  await using series = await engineSeries();
  const script =
    "echo 1; until [ -e go ]; do sleep 0.02; done; echo 2 >&2; echo 3; until [ -e end ]; do sleep 0.02; done; echo 4";
  const { id, command } = await startIn(series, script);
  expect(await firstOutput(series.engine, id, command.id)).toBe("1\n");
  await writeText(series.engine, id, "go", "");
  const engine = await series.restart();
  let text = "";
  for await (const { data } of engine.commands.output(id, command.id)) {
    const before = text;
    text += data;
    // What two streams wrote between two looks has no order: the end is asked for when both were seen.
    const seen = (some: string) => some.includes("2") && some.includes("3");
    if (seen(text) && !seen(before)) await writeText(engine, id, "end", "");
  }
  expect([...text].toSorted().join("").trim()).toBe("1234");
  expect(text.startsWith("1\n") && text.endsWith("4\n")).toBe(true);
});

test("stdin is gone with the engine that held it, and says so", async () => {
  await using series = await engineSeries();
  const { session } = await series.engine.sandboxes.create({});
  const command = await series.engine.commands.start(session.id, {
    ...sh("echo up; exec sleep 600"),
    attachStdin: true,
  });
  await firstOutput(series.engine, session.id, command.id);
  const engine = await series.restart();
  const write = engine.commands.writeStdin(session.id, command.id, { data: Buffer.from("x") });
  await expect(write).rejects.toMatchObject({ code: "invalid_request" });
  await expect(write).rejects.toThrow(/engine was restarted/);
});

test("whoever waits or reads when an engine ends is told to ask the next", async () => {
  await using series = await engineSeries();
  const { id, command } = await startIn(series, "echo up; exec sleep 600");
  const { commands } = series.engine;
  const reader = commands.output(id, command.id);
  await reader.next();
  const waiting = [commands.wait(id, command.id), reader.next()];
  const failures = Promise.allSettled(waiting);
  await series.restart(async () => {
    expect(await failures).toMatchObject([
      { status: "rejected", reason: { code: "engine_unavailable" } },
      { status: "rejected", reason: { code: "engine_unavailable" } },
    ]);
    for (const late of [
      commands.wait(id, command.id),
      commands.output(id, command.id).next(),
      commands.start(id, { cmd: "true" }),
    ]) {
      await expect(late).rejects.toMatchObject({ code: "engine_unavailable" });
    }
  });
});

test("a command whose end nobody saw is lost, and says so", async () => {
  await using series = await engineSeries();
  const { id, command, directory } = await startIn(series, "echo kept; exec sleep 600");
  await firstOutput(series.engine, id, command.id);
  // Nobody who could tell: neither the process, nor a note of its end.
  const engine = await series.restart((store) => {
    const { process: _process, ...record } = command;
    store.commands.put(record);
  });
  const lost = await engine.commands.get(id, command.id);
  expect(lost).toMatchObject({ exitCode: 255, lost: true });
  expect(lost.durationMs).toBeUndefined();
  expect(existsSync(directory)).toBe(true);
  expect(await outputOf(engine, id, command.id)).toBe("kept\n");
});

test("what a start left behind that was never acknowledged is swept away", async () => {
  await using series = await engineSeries();
  const { id, command } = await startIn(series, "exec sleep 600");
  const commands = join(series.directory, "commands");
  await series.restart(async () => {
    await mkdir(join(commands, "cmd_orphan"));
    await writeFile(join(commands, "cmd_orphan", "stdout"), "x");
  });
  expect(await readdir(commands)).toEqual([command.id]);
  expect(series.engine.commands.list(id, page).items.map((item) => item.id)).toEqual([command.id]);
});

test("a start that nobody recorded ends with its session", async () => {
  await using series = await engineSeries();
  const { id, command } = await startIn(series, "echo $$; exec sleep 600");
  const pid = Number(await firstOutput(series.engine, id, command.id));
  // As if the engine had died between the process and its record.
  const engine = await series.restart((store) => store.commands.delete(command.id));
  expect(engine.commands.list(id, page).items).toEqual([]);
  await engine.sessions.stop(id);
  expect(isRunning(pid)).toBe(false);
});

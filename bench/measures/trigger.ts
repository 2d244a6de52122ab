import { Sandbox } from "sandlot";
import { startRunBench } from "../../trigger/testing/run-bench.ts";
import { runOperation } from "../../trigger/run-operation.ts";
import { both, type Measure, milliseconds, percent } from "../measure.ts";
import { interleave, type Summary, summarize, timed } from "../statistics.ts";

const MEGABYTES = 8;
const OUTPUT = `yes 'log line log line log line' | head -c ${MEGABYTES * 1024 * 1024}`;
// A line is the moment at which it was written, by the clock that all processes share.
const STAMP = "process.stdout.write(process.hrtime.bigint() + '\\n')";

/** Whatever the SDK is asked meanwhile goes to that engine. */
async function over<T>(engine: "daemon" | "trigger", work: () => Promise<T>): Promise<T> {
  const before = process.env["SANDLOT_ENGINE"];
  process.env["SANDLOT_ENGINE"] = engine;
  try {
    return await work();
  } finally {
    process.env["SANDLOT_ENGINE"] = before;
  }
}

async function command(sandbox: Sandbox): Promise<number> {
  return timed(async () => (await sandbox.runCommand("echo", ["hi"])).stdout());
}

async function firstLine(sandbox: Sandbox): Promise<number> {
  const started = await sandbox.runCommand({ cmd: "node", args: ["-e", STAMP], detached: true });
  for await (const { data } of started.logs()) {
    return Number(process.hrtime.bigint() - BigInt(data.trim())) / 1e6;
  }
  throw new Error("the command wrote nothing");
}

/** Megabytes per second. */
async function throughput(sandbox: Sandbox): Promise<number> {
  const elapsedMs = await timed(async () => {
    const started = await sandbox.runCommand({ cmd: "sh", args: ["-c", OUTPUT], detached: true });
    let bytes = 0;
    for await (const { data } of started.logs()) bytes += data.length;
    if (bytes !== MEGABYTES * 1024 * 1024) throw new Error(`${bytes} bytes arrived`);
  });
  return MEGABYTES / (elapsedMs / 1_000);
}

async function status(sandboxId: string): Promise<number> {
  return timed(async () => {
    const { result } = await runOperation("get-sandbox-status", { sandboxId });
    if (!result.ok) throw new Error(result.error.message);
  });
}

/**
 * Operations as tasks, and sandboxes in runs, on the local platform with the real CLI: what each takes more
 * than the daemon alone, in the same run.
 */
export const trigger: Measure = {
  name: "trigger",
  async run({ create, quick }) {
    await using near = await create();
    // The workers share this process's engine, so that an operation is all that comes on top.
    await using bench = await startRunBench({ SANDLOT_ENGINE: "daemon" });
    const cold: number[] = [];
    for (let round = 0; round < (quick ? 1 : 5); round++) {
      // A CLI that has just begun keeps no process ready.
      if (round > 0) await bench.platform.restartWorker();
      cold.push(await status(near.name));
    }
    const rounds = { rounds: quick ? 5 : 40 };
    const operation = await interleave(
      {
        daemon: () => timed(() => Sandbox.get({ name: near.name, resume: false })),
        task: () => status(near.name),
      },
      rounds,
    );
    const held = await over("trigger", () => Sandbox.create({ persistent: false }));
    const compare = (measured: (sandbox: Sandbox) => Promise<number>, rounds: number) =>
      interleave(
        {
          daemon: () => measured(near),
          trigger: () => over("trigger", () => measured(held)),
        },
        { rounds },
      );
    const commands = await compare(command, quick ? 10 : 60);
    const lines = await compare(firstLine, quick ? 5 : 30);
    const output = await compare(throughput, quick ? 2 : 8);
    await over("trigger", () => held.delete());
    return [
      {
        what: "an operation as a task of Trigger.dev's, worker warm",
        baseline: `the daemon: ${both(operation.daemon)}`,
        goal: "–",
        result: `${both(operation.task)}; in a new worker process ${both(summarize(cold))}`,
        numbers: { ...operation, cold: summarize(cold) },
      },
      row("a command in a sandbox inside a run", commands),
      row("a log line of such a sandbox, from its writing to the caller", lines),
      {
        what: `${MEGABYTES} MB of output of such a sandbox`,
        baseline: `the daemon: ${output.daemon.p50.toFixed(0)} MB/s`,
        goal: "–",
        result: `${output.trigger.p50.toFixed(1)} MB/s (${percent(output.trigger.p50 / output.daemon.p50)})`,
        numbers: output,
      },
    ];
  },
};

function row(what: string, found: Record<"daemon" | "trigger", Summary>) {
  const more = found.trigger.p50 - found.daemon.p50;
  return {
    what,
    baseline: `the daemon: ${both(found.daemon)}`,
    goal: "–",
    result: `+ ${milliseconds(more)}: ${both(found.trigger)}`,
    numbers: { ...found, moreMs: more },
  };
}

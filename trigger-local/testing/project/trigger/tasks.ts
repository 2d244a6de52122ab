import { setTimeout as sleep } from "node:timers/promises";
import { AbortTaskRunError, logger, metadata, queue, streams, task, wait } from "@trigger.dev/sdk";

/** Numbers, then whatever else the tests ask for. */
export const output = streams.define<{ text: string } | { end: true }>({ id: "output" });
export const input = streams.input<{ text: string }>({ id: "input" });

export const hello = task({
  id: "hello",
  run: async ({ name }: { name: string }) => ({ greeting: `Hello, ${name}!`, pid: process.pid }),
});

/** Notes what it does on itself and on its root, the last thing right before it ends. */
export const notes = task({
  id: "notes",
  run: async ({ depth }: { depth: number }): Promise<void> => {
    metadata.set("depth", depth);
    if (depth > 0) await notes.triggerAndWait({ depth: depth - 1 });
    metadata.root.increment("ended", 1);
  },
});

/** Writes `chunks` texts of `bytes` each, then the end. */
export const writeChunks = task({
  id: "write-chunks",
  run: async ({ chunks, bytes }: { chunks: number; bytes: number }) => {
    const { waitUntilComplete } = output.writer({
      execute: ({ write }) => {
        for (let index = 0; index < chunks; index++) {
          write({ text: `${index}:`.padEnd(bytes, "x") });
        }
        write({ end: true });
      },
    });
    await waitUntilComplete();
    return { chunks };
  },
});

/** Says where it runs, then waits until it is canceled. */
export const untilCanceled = task({
  id: "until-canceled",
  run: async (_payload: Record<string, never>, { signal }) => {
    await output.append({ text: String(process.pid) });
    await sleep(600_000, undefined, { signal });
  },
});

export const failsAtFirst = task({
  id: "fails-at-first",
  retry: { maxAttempts: 3, minTimeoutInMs: 100, maxTimeoutInMs: 100, factor: 1, randomize: false },
  run: async ({ times }: { times: number }, { ctx }) => {
    if (ctx.attempt.number <= times) throw new Error(`Attempt ${ctx.attempt.number} fails.`);
    return { attempts: ctx.attempt.number };
  },
});

export const aborts = task({
  id: "aborts",
  retry: { maxAttempts: 3 },
  run: async () => {
    throw new AbortTaskRunError("Never again.");
  },
});

export const parent = task({
  id: "parent",
  run: async ({ name }: { name: string }) => {
    const result = await hello.triggerAndWait({ name }).unwrap();
    logger.info("The child has answered.");
    return { child: result.greeting };
  },
});

export const batchParent = task({
  id: "batch-parent",
  run: async ({ names }: { names: string[] }) => {
    const { runs } = await hello.batchTriggerAndWait(names.map((name) => ({ payload: { name } })));
    return runs.map((run) => (run.ok ? run.output.greeting : "failed"));
  },
});

export const pauses = task({
  id: "pauses",
  run: async ({ seconds }: { seconds: number }) => {
    const before = Date.now();
    await wait.for({ seconds });
    return { ms: Date.now() - before };
  },
});

export const waitsForToken = task({
  id: "waits-for-token",
  run: async ({ tokenId }: { tokenId: string }) => {
    const result = await wait.forToken<{ answer: number }>(tokenId);
    return result.ok ? { answer: result.output.answer } : { error: result.error.message };
  },
});

export const waitsForInput = task({
  id: "waits-for-input",
  run: async () => {
    const result = await input.wait({ timeout: "1m" });
    return result.ok ? result.output : { text: result.error.message };
  },
});

/** Two at a time. */
export const narrow = queue({ name: "narrow", concurrencyLimit: 2 });

export const inNarrowQueue = task({
  id: "in-narrow-queue",
  queue: narrow,
  run: async ({ timeout }: { timeout: string }) => {
    const token = await wait.createToken({ timeout });
    const result = await wait.forToken(token);
    return { ok: result.ok };
  },
});

import { runs } from "@trigger.dev/sdk";
import { CommandRecord } from "sandlot/contract";
import { commandOutput } from "./command-output.ts";

interface ReadOptions {
  /** How many records were read before: the next one is the first. */
  startIndex?: number;
  signal?: AbortSignal;
  /** Without a record for so long, the run is asked whether it goes on. */
  silenceSeconds?: number;
}

/**
 * The records of a run of execute-command, live, from the one at `startIndex` to the last, which is `end` or `failed`.
 * `index` counts them, for a reader that comes back. Output that another worker of the run told again is left out.
 * Throws when the run is over and its last record was never written (its worker died, or it never began).
 */
export async function* readCommandOutput(
  runId: string,
  { startIndex = 0, signal, silenceSeconds = 30 }: ReadOptions = {},
): AsyncGenerator<CommandRecord & { index: number }, void, void> {
  let index = startIndex;
  let offset = 0;
  for (let isLastLook = false; ;) {
    // The platform does not tell that a stream is over: it falls silent, and so it does when the run only waits.
    const stream = await commandOutput.read(runId, {
      startIndex: index,
      timeoutInSeconds: isLastLook ? 1 : silenceSeconds,
      ...(signal && { signal }),
    });
    for await (const value of stream) {
      const record = CommandRecord.parse(value);
      const seen = index;
      index += 1;
      const fresh = record.type === "output" ? unseen(record, offset) : record;
      if (record.type === "output") offset = Math.max(offset, record.offset + record.data.length);
      if (fresh) yield { ...fresh, index: seen };
      if (record.type === "end" || record.type === "failed") return;
    }
    signal?.throwIfAborted();
    if (isLastLook) throw await withoutEnd(runId);
    const run = await runs.retrieve(runId);
    isLastLook = run.finishedAt !== undefined;
  }
}

type OutputRecord = Extract<CommandRecord, { type: "output" }>;

/** The part of the record that lies beyond what was read. */
function unseen(record: OutputRecord, offset: number): OutputRecord | undefined {
  const known = Math.max(0, offset - record.offset);
  if (known === 0) return record;
  if (known >= record.data.length) return undefined;
  return { ...record, data: record.data.slice(known), offset };
}

async function withoutEnd(runId: string): Promise<Error> {
  const { status, error } = await runs.retrieve(runId);
  const reason = error ? ` (${error.message})` : "";
  return new Error(
    `The output of run ${runId} was read, but the run ended as ${status}${reason} before the last of it was written. The command may still run: ask get-command-status, and read the rest with get-command-logs.`,
  );
}

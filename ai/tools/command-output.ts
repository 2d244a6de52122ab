import type { Command } from "sandlot";
import { STUDIO_LIMITS } from "../../studio/contract/limits.ts";
import { lastLines, TextCutter } from "./cut-text.ts";

/** Output of which nothing more came for so long is taken as all that there is so far: a live log has no end to wait for. */
const QUIET_MS = 250;
/** A command that writes without a pause is read for so long. */
const READ_AT_MOST_MS = 2_000;

/** What a command wrote, as tools tell it to the model. */
export interface CommandOutput {
  stdout: string;
  stderr: string;
  omittedCharacters: number;
}

/** All output of a command that has ended. */
export async function outputOfEnded(
  command: Command,
  { signal, lines }: { signal?: AbortSignal | undefined; lines?: number | undefined } = {},
): Promise<CommandOutput> {
  const collector = new OutputCollector(lines);
  for await (const { stream, data } of command.logs(signal && { signal })) {
    collector.append(stream, data);
  }
  return collector.result();
}

/** What a command that runs has written so far. */
export async function outputSoFar(
  command: Command,
  { signal, lines }: { signal?: AbortSignal | undefined; lines?: number | undefined } = {},
): Promise<CommandOutput> {
  const collector = new OutputCollector(lines);
  const enough = new AbortController();
  const stop = (): void => enough.abort();
  const limit = setTimeout(stop, READ_AT_MOST_MS);
  const quiet = setTimeout(stop, QUIET_MS);
  signal?.addEventListener("abort", stop);
  try {
    for await (const { stream, data } of command.logs({ signal: enough.signal })) {
      collector.append(stream, data);
      quiet.refresh();
    }
  } catch (error) {
    // Leaving is how it ends: the log of a running command does not.
    if (!enough.signal.aborted) throw error;
  } finally {
    clearTimeout(limit);
    clearTimeout(quiet);
    signal?.removeEventListener("abort", stop);
  }
  signal?.throwIfAborted();
  return collector.result();
}

/** Both streams of a command, each with half of what a tool may tell. */
class OutputCollector {
  readonly #streams = {
    stdout: new TextCutter({ limit: STUDIO_LIMITS.modelTextLength / 2 }),
    stderr: new TextCutter({ limit: STUDIO_LIMITS.modelTextLength / 2 }),
  };
  readonly #lines: number | undefined;

  constructor(lines: number | undefined) {
    this.#lines = lines;
  }

  append(stream: "stdout" | "stderr", data: string): void {
    this.#streams[stream].append(data);
  }

  result(): CommandOutput {
    const stdout = this.#streams.stdout.result();
    const stderr = this.#streams.stderr.result();
    const pick = (text: string): string =>
      this.#lines === undefined ? text : lastLines(text, this.#lines);
    return {
      stdout: pick(stdout.text),
      stderr: pick(stderr.text),
      omittedCharacters: stdout.omittedCharacters + stderr.omittedCharacters,
    };
  }
}

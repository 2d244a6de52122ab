import type { Command } from "sandlot";
import { SandboxError } from "sandlot/contract";
import { STUDIO_LIMITS } from "../../studio/contract/limits.ts";
import { lastLines, TextCutter } from "./cut-text.ts";
import { outputUntilQuiet } from "./output-until-quiet.ts";

/** What a command wrote, as tools tell it to the model. */
export interface CommandOutput {
  stdout: string;
  stderr: string;
  omittedCharacters: number;
}

/** A piece of a command's output. */
export interface OutputPiece {
  stream: "stdout" | "stderr";
  data: string;
}

/** What a command has written by now: all of it, unless it is running. */
export async function commandOutput(
  command: Command,
  {
    signal,
    lines,
    isRunning,
  }: { signal: AbortSignal | undefined; lines: number | undefined; isRunning: boolean },
): Promise<CommandOutput> {
  const options = signal && { signal };
  if (!isRunning) return cutOutput(command.logs(options), lines);
  try {
    return await cutOutput(command.outputSoFar(options), lines);
  } catch (error) {
    // The cloud knows no end of an output but the command's own.
    if (!SandboxError.is(error) || error.code !== "unsupported") throw error;
    return cutOutput(outputUntilQuiet(command, { signal }), lines);
  }
}

// Both streams, each with half of what a tool may tell.
async function cutOutput(
  pieces: AsyncIterable<OutputPiece>,
  lines: number | undefined,
): Promise<CommandOutput> {
  const collector = new OutputCollector();
  for await (const { stream, data } of pieces) collector.append(stream, data);
  return collector.result(lines);
}

/** Collects a command's output of any length, of which it keeps what a model takes in. */
export class OutputCollector {
  readonly #streams = {
    stdout: new TextCutter({ limit: STUDIO_LIMITS.modelTextLength / 2 }),
    stderr: new TextCutter({ limit: STUDIO_LIMITS.modelTextLength / 2 }),
  };

  append(stream: OutputPiece["stream"], data: string): void {
    this.#streams[stream].append(data);
  }

  /** With `lines`, only the last so many of each stream. */
  result(lines?: number): CommandOutput {
    const stdout = this.#streams.stdout.result();
    const stderr = this.#streams.stderr.result();
    const pick = (text: string): string => (lines === undefined ? text : lastLines(text, lines));
    return {
      stdout: pick(stdout.text),
      stderr: pick(stderr.text),
      omittedCharacters: stdout.omittedCharacters + stderr.omittedCharacters,
    };
  }
}

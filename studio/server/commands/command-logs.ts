import type { Command, CommandFinished } from "sandlot";
import type { LogLine } from "../../contract/command.ts";
import { toStudioError } from "../http/to-studio-error.ts";

/**
 * A command's output from the first, then live; the last line tells its exit code. Ends when the command has, or
 * the signal is aborted. The SDK does not tell when a piece was written: the time is that of reading.
 */
export async function* commandLogs(
  command: Command | CommandFinished,
  signal: AbortSignal,
): AsyncGenerator<LogLine, void, void> {
  try {
    for await (const { stream, data } of command.logs({ signal })) {
      yield { stream, data, timestamp: Date.now() };
    }
    const { exitCode } = await command.wait({ signal });
    yield { stream: "exit", data: "", timestamp: Date.now(), exitCode };
  } catch (error) {
    if (signal.aborted) return;
    yield { stream: "error", data: toStudioError(error).message, timestamp: Date.now() };
  }
}

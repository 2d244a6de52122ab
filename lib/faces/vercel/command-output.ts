import type { Command } from "../../contract/command.ts";
import type { Engine } from "../../engine/engine.ts";
import { type Call, during, type FaceContext, ndjson } from "./answers.ts";
import { wireError } from "./faults.ts";

interface StreamRequest {
  context: FaceContext;
  call: Call;
  command: Command;
}

/**
 * A command's output: replayed, then live if it is followed, until the command ended. What can no longer be
 * had ends the stream by an error line. A reader that leaves stops nothing but the reading.
 */
export function logStream(
  { context, call, command }: StreamRequest,
  { follow }: { follow: boolean },
): Response {
  return ndjson((signal) => ending(logLines(context.engine, command, { signal, follow })), {
    context,
    call,
  });

  function ending(lines: AsyncGenerator<string, void, void>) {
    return orErrorLine(lines, { context, call });
  }
}

/**
 * A command from its start to its end: a line with the command at once, its output if that is wanted,
 * and a line with the command as it ended.
 */
export function commandStream(
  { context, call, command }: StreamRequest,
  { logs, present }: { logs: boolean; present: (command: Command) => unknown },
): Response {
  async function* lines(signal: AbortSignal): AsyncGenerator<string, void, void> {
    yield line({ command: present(command) });
    if (logs) yield* logLines(context.engine, command, { signal });
    const ended = await context.engine.commands.wait(command.sessionId, command.id, { signal });
    yield line({ command: present(ended) });
  }
  return ndjson((signal) => orErrorLine(lines(signal), { context, call }), { context, call });
}

async function* logLines(
  engine: Engine,
  { sessionId, id }: Command,
  options: { signal: AbortSignal; follow?: boolean },
): AsyncGenerator<string, void, void> {
  for await (const { stream, data, dropped } of engine.commands.output(sessionId, id, options)) {
    if (dropped) yield line({ stream, data: droppedNotice(dropped) });
    if (data !== "") yield line({ stream, data });
  }
}

/** Stands in the output where a part of it was given up: the vendor's lines have no other place to say it. */
function droppedNotice(bytes: number): string {
  return `[sandlot: ${bytes} bytes dropped here: the log reached its limit]\n`;
}

async function* orErrorLine(
  lines: AsyncGenerator<string, void, void>,
  { context, call }: { context: FaceContext; call: Call },
): AsyncGenerator<string, void, void> {
  try {
    yield* lines;
  } catch (error) {
    call.request.signal.throwIfAborted();
    const { code, message } = wireError(error, { log: context.log, during: during(call) }).error;
    yield line({ stream: "error", data: { code, message } });
  }
}

function line(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}

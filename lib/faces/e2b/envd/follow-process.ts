import type { Engine } from "../../../engine/engine.ts";
import { Refusal } from "./connect-codes.ts";
import type { RpcCall } from "./connect-rpc.ts";
import type { ProcessId } from "./process-memory.ts";
import type { Processes } from "./processes.ts";
import { dataEvent, endEvent, processEnd } from "./wire-process.ts";

interface FollowOptions {
  engine: Engine;
  processes: Processes;
  call: RpcCall;
  /**
   * `start` for the call that started it, `now` for one that looks on. A terminal shows what it last showed either
   * way: without that, nobody sees where they are.
   */
  from: "start" | "now";
}

const encoder = new TextEncoder();
const KILLED = 128 + 9;

/**
 * What a process writes, and how it ended. A reader that leaves stops nothing. Throws Refusal: `unavailable` when the
 * sandbox ended meanwhile, which the vendor's client takes for just that.
 */
export async function* followProcess(
  process: ProcessId,
  options: FollowOptions,
): AsyncGenerator<object, void, void> {
  const { engine, processes, call } = options;
  const { sessionId } = process;
  try {
    const { exitCode, durationMs, lost } = process.isTerminal
      ? yield* followTerminal(process, options)
      : yield* followCommand(process, options);
    await requireSession(engine, sessionId);
    // Both the engine and the call that started it keep its deadline; whichever was quicker, the caller hears of it as
    // such. The deadline of a call that only looks on is none of the process'.
    const deadline = options.from === "start" ? call.deadline : undefined;
    if (exitCode === KILLED && deadline && durationMs >= deadline.ms) {
      throw deadline.signal.reason ?? new Refusal("deadline_exceeded", "the time is over");
    }
    const signal = processes.remembered(process)?.signal;
    yield endEvent(processEnd(exitCode, { signal, lost }));
  } catch (error) {
    call.signal.throwIfAborted();
    await requireSession(engine, sessionId);
    throw error;
  }
}

interface Ending {
  exitCode: number;
  durationMs: number;
  lost: boolean;
}

async function* followCommand(
  { sessionId, id }: ProcessId,
  { engine, call: { signal }, from }: FollowOptions,
): AsyncGenerator<object, Ending, void> {
  for await (const chunk of engine.commands.outputBytes(sessionId, id, { signal, from })) {
    const { stream, data, dropped } = chunk;
    if (dropped) yield dataEvent(stream, encoder.encode(droppedNotice(dropped)));
    if (data.byteLength > 0) yield dataEvent(stream, data);
  }
  const {
    exitCode,
    durationMs = 0,
    lost = false,
  } = await engine.commands.wait(sessionId, id, {
    signal,
  });
  return { exitCode: exitCode ?? 255, durationMs, lost };
}

async function* followTerminal(
  { sessionId, id }: ProcessId,
  { engine, call: { signal } }: FollowOptions,
): AsyncGenerator<object, Ending, void> {
  for await (const data of engine.terminals.attach(sessionId, id, { signal })) {
    yield dataEvent("pty", data);
  }
  const exitCode = await engine.terminals.wait(sessionId, id, { signal });
  // How long it lived is not told; a terminal's deadline ends the call by its signal.
  return { exitCode, durationMs: 0, lost: false };
}

/** Stands in the output where a part of it was given up: the vendor's events have no other place to say it. */
function droppedNotice(bytes: number): string {
  return `[sandlot: ${bytes} bytes dropped here: the log reached its limit]\n`;
}

async function requireSession(engine: Engine, sessionId: string): Promise<void> {
  const state = await engine.sessions.get(sessionId).catch(() => undefined);
  if (state?.session.status === "running") return;
  throw new Refusal("unavailable", "The sandbox was stopped while the process ran");
}

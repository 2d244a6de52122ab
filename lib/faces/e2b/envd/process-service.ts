import * as z from "zod";
import { SandboxError } from "../../../contract/errors.ts";
import { LIMITS } from "../../../contract/limits.ts";
import type { Engine } from "../../../engine/engine.ts";
import { callerOf, resolvePath } from "./caller.ts";
import { Refusal } from "./connect-codes.ts";
import { clientStream, type RpcCall, type RpcMethod, serverStream, unary } from "./connect-rpc.ts";
import { followProcess } from "./follow-process.ts";
import { type FoundProcess, Processes } from "./processes.ts";
import type { Remembered } from "./process-memory.ts";
import {
  KEEP_ALIVE,
  type ProcessInput,
  SelectRequest,
  SendInputRequest,
  SendSignalRequest,
  StartRequest,
  startEvent,
  StreamInputRequest,
  UpdateRequest,
} from "./wire-process.ts";

interface ProcessContext {
  engine: Engine;
  processes: Processes;
}

/** `process.Process`: commands and terminals of a sandbox. Its procedures, by their paths. */
export function processService({
  engine,
  now,
}: {
  engine: Engine;
  now: () => number;
}): Record<string, RpcMethod> {
  const processes = new Processes({ engine, now });
  const context: ProcessContext = { engine, processes };
  const stream = { filler: KEEP_ALIVE };
  return {
    "/process.Process/Start": serverStream(
      StartRequest,
      (message, call) => start(message, { context, call }),
      stream,
    ),
    "/process.Process/Connect": serverStream(
      SelectRequest,
      async function* ({ process }, call) {
        const { currentSessionId } = call.sandbox;
        const found = await processes.find(currentSessionId, process, { ended: true });
        const events = followProcess(found, { ...context, call, from: "now" });
        // Asked for before the caller hears that it is connected: what it causes from then on is seen.
        const first = events.next();
        first.catch(() => undefined);
        yield startEvent(found.pid);
        const { value, done } = await first;
        if (done) return;
        yield value;
        yield* events;
      },
      stream,
    ),
    "/process.Process/List": unary(z.object({}), async (_message, { sandbox }) => ({
      processes: processes.list(sandbox.currentSessionId),
    })),
    "/process.Process/SendInput": unary(SendInputRequest, async ({ process, input }, call) => {
      const found = await processes.find(call.sandbox.currentSessionId, process);
      await sendInput(input, { context, call, found });
      return {};
    }),
    "/process.Process/StreamInput": clientStream(StreamInputRequest, async (messages, call) => {
      let found: FoundProcess | undefined;
      for await (const { start: begin, data } of messages) {
        if (begin) found = await processes.find(call.sandbox.currentSessionId, begin.process);
        if (!data) continue;
        if (!found)
          throw new Refusal("invalid_argument", "Say first, in `start`, for which process.");
        await sendInput(data.input, { context, call, found });
      }
      return {};
    }),
    "/process.Process/CloseStdin": unary(SelectRequest, async ({ process }, call) => {
      const { isTerminal, sessionId, id } = await processes.find(
        call.sandbox.currentSessionId,
        process,
      );
      if (isTerminal) {
        throw new Refusal(
          "failed_precondition",
          "A terminal has no stdin to be closed: send Ctrl+D (0x04) instead.",
        );
      }
      const end = { data: new Uint8Array(0), end: true };
      await engine.commands.writeStdin(sessionId, id, end, { signal: call.signal });
      return {};
    }),
    "/process.Process/SendSignal": unary(SendSignalRequest, async ({ process, signal }, call) => {
      const found = await processes.find(call.sandbox.currentSessionId, process);
      await processes.signal(found, signal);
      return {};
    }),
    "/process.Process/Update": unary(UpdateRequest, async ({ process, pty }, call) => {
      const found = await processes.find(call.sandbox.currentSessionId, process);
      if (!pty?.size) return {};
      if (!found.isTerminal) {
        throw new Refusal(
          "failed_precondition",
          "Only a terminal has a size; this process has none.",
        );
      }
      const { cols: columns, rows } = pty.size;
      await engine.terminals.resize(found.sessionId, found.id, { columns, rows });
      return {};
    }),
  };
}

async function* start(
  message: StartRequest,
  { context, call }: { context: ProcessContext; call: RpcCall },
): AsyncGenerator<object, void, void> {
  const process = message.pty
    ? await startTerminal(message, { context, call })
    : await startCommand(message, { context, call });
  yield startEvent(process.pid);
  try {
    yield* followProcess(process, { ...context, call, from: "start" });
  } finally {
    // Whoever leaves before leaves the process alone; the deadline is the process' own. Where it cannot be killed now
    // (its sandbox is paused, or gone), it is still the deadline that the caller hears of.
    if (call.deadline?.signal.aborted) {
      await context.processes.signal(process, 9).catch(unlessRefused);
    }
  }
}

function unlessRefused(error: unknown): void {
  if (!SandboxError.is(error)) throw error;
}

async function startCommand(
  { process, tag, stdin }: StartRequest,
  { context: { engine, processes }, call }: { context: ProcessContext; call: RpcCall },
): Promise<Remembered> {
  const { sandbox, deadline, signal } = call;
  const command = await engine.commands.start(
    sandbox.currentSessionId,
    {
      ...requestOf(process, call),
      // Kept by the engine, so that it holds when nobody reads any more.
      ...(deadline && { timeoutMs: deadline.ms }),
      attachStdin: stdin ?? true,
      tellPid: true,
    },
    { signal },
  );
  return processes.add({
    sessionId: command.sessionId,
    id: command.id,
    isTerminal: false,
    pid: command.pid,
    envs: process.envs ?? {},
    ...(tag != null && { tag }),
  });
}

async function startTerminal(
  { process, tag, pty }: StartRequest,
  { context: { engine, processes }, call }: { context: ProcessContext; call: RpcCall },
): Promise<Remembered> {
  const sessionId = call.sandbox.currentSessionId;
  const { cols, rows } = pty?.size ?? { cols: 0, rows: 0 };
  const { id, pid } = await engine.terminals.start(sessionId, {
    ...requestOf(process, call),
    ...(cols > 0 && { columns: cols }),
    ...(rows > 0 && { rows }),
  });
  return processes.add(
    {
      sessionId,
      id,
      isTerminal: true,
      pid,
      envs: process.envs ?? {},
      ...(tag != null && { tag }),
    },
    call.deadline ? { killAfterMs: call.deadline.ms } : {},
  );
}

function requestOf(
  { cmd, args, envs, cwd }: StartRequest["process"],
  { request, sandbox }: RpcCall,
) {
  const caller = callerOf(request, sandbox);
  return {
    cmd,
    args: args ?? [],
    env: envs ?? {},
    ...(cwd && { cwd: resolvePath(cwd, { sandbox, caller }) }),
    ...(caller.user !== undefined && { user: caller.user }),
  };
}

async function sendInput(
  { stdin, pty }: ProcessInput,
  {
    context: { engine },
    call,
    found,
  }: { context: ProcessContext; call: RpcCall; found: FoundProcess },
): Promise<void> {
  const { sessionId, id, isTerminal } = found;
  if (pty) {
    if (!isTerminal) {
      throw new Refusal("failed_precondition", "This process has no terminal: write to its stdin.");
    }
    await engine.terminals.write(sessionId, id, pty);
  }
  if (!stdin) return;
  if (isTerminal) {
    throw new Refusal(
      "failed_precondition",
      "This process is on a terminal: send input for `pty`.",
    );
  }
  const step = LIMITS.stdinWriteBytes;
  for (let from = 0; from < stdin.byteLength; from += step) {
    const data = stdin.subarray(from, from + step);
    await engine.commands.writeStdin(sessionId, id, { data }, { signal: call.signal });
  }
}

import * as z from "zod";
import { CommandRequest, OutputStream } from "../command.ts";
import { OperationError, resultOf } from "./operation-error.ts";
import { OPERATION_DEFAULTS, OPERATION_LIMITS } from "./operation-limits.ts";
import { sandboxId } from "./sandbox-operations.ts";

const shape = CommandRequest.shape;
const commandId = z.string().min(1).max(128);

export const ExecuteCommandPayload = z.strictObject({
  sandboxId,
  cmd: shape.cmd,
  args: shape.args,
  cwd: shape.cwd,
  env: shape.env,
  sudo: shape.sudo,
  /**
   * Wall-clock limit of the command, kept with SIGKILL. Absent: `OPERATION_DEFAULTS.commandMs`, and for a detached
   * one, which may be a server, only the sandbox's own life.
   */
  timeoutMs: z.int().positive().max(OPERATION_LIMITS.commandMs).optional(),
  /** Returns when the command has begun, and streams nothing: for servers. */
  detached: z.boolean().default(false),
});

/** A command and how it stands. `exitCode` is null while it runs, and 128+n after signal n. */
const state = {
  sandboxId: z.string(),
  commandId: z.string(),
  exitCode: z.int().nullable(),
};

/** One of a command's streams: its end, with what was left out before it. */
const OutputEnd = z.object({ text: z.string(), omittedBytes: z.int() });

export const ExecuteCommandResult = resultOf({
  ...state,
  durationMs: z.number().optional(),
  stdout: OutputEnd,
  stderr: OutputEnd,
});

export const GetCommandStatusPayload = z.strictObject({ sandboxId, commandId });
export const GetCommandStatusResult = resultOf({
  ...state,
  cwd: z.string(),
  running: z.boolean(),
  /** Milliseconds since the epoch. */
  startedAt: z.int(),
  durationMs: z.number().optional(),
});

export const GetCommandLogsPayload = z.strictObject({
  sandboxId,
  commandId,
  /** The `next` of the answer before, to read on from there. */
  from: z.int().nonnegative().default(0),
  limitBytes: z
    .int()
    .positive()
    .max(OPERATION_LIMITS.logsBytes)
    .default(OPERATION_LIMITS.logsBytes),
});
export const GetCommandLogsResult = resultOf({
  ...state,
  /** In the order of arrival. */
  chunks: z.array(z.object({ stream: OutputStream, data: z.string() })),
  /** Where the next call reads on: characters of both streams. */
  next: z.int(),
  /** The command has ended, and this was the last of its output. */
  complete: z.boolean(),
});

export const WaitForCommandPayload = z.strictObject({
  sandboxId,
  commandId,
  timeoutMs: z.int().positive().max(OPERATION_LIMITS.waitMs).default(OPERATION_DEFAULTS.waitMs),
});
export const WaitForCommandResult = resultOf({
  ...state,
  /** False: it still runs, and the time to wait is over. */
  finished: z.boolean(),
  durationMs: z.number().optional(),
});

/**
 * One record of the stream that a run of execute-command writes: the command, its output in order, and one
 * last record, always. A stream ends for its reader by that record alone: the platform does not tell.
 */
export const CommandRecord = z.discriminatedUnion("type", [
  z.object({ type: z.literal("started"), sandboxId: z.string(), commandId: z.string() }),
  z.object({
    type: z.literal("output"),
    stream: OutputStream,
    data: z.string(),
    /**
     * Characters of both streams that came before. Output that comes again, because another worker went on
     * with the command, is known by it.
     */
    offset: z.int().nonnegative(),
  }),
  /** The rest of the output is not in the stream, which is full: read it with get-command-logs. */
  z.object({ type: z.literal("full"), offset: z.int().nonnegative() }),
  z.object({ type: z.literal("end"), exitCode: z.int() }),
  z.object({ type: z.literal("failed"), error: OperationError }),
]);
export type CommandRecord = z.output<typeof CommandRecord>;

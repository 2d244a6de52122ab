import * as z from "zod";
import { LIMITS } from "../../../contract/limits.ts";

// The messages of process.proto, as protobuf's JSON mapping has them: unknown fields mean nothing, null is as good as
// absent. Numbers of 32 bits may come as text.

const text = z.string().nullish();
/** Protobuf's JSON takes both alphabets of Base64, with and without padding. */
const Bytes = z
  .string()
  .regex(/^[A-Za-z0-9+/_-]*={0,2}$/, { message: "bytes are sent as Base64" })
  .transform((value) => Buffer.from(value, "base64"));
const Uint32 = z.coerce.number().int().min(0).max(0xffff_ffff);

const ProcessSelector = z
  .object({ pid: Uint32.nullish(), tag: text })
  .transform(({ pid, tag }, context) => {
    if (pid != null) return { pid };
    if (tag != null) return { tag };
    context.addIssue({ code: "custom", message: "a process is named by its pid or its tag" });
    return z.NEVER;
  });

const Size = z.object({ cols: Uint32.default(0), rows: Uint32.default(0) });
const Pty = z.object({ size: Size.nullish() });

export const StartRequest = z.object({
  process: z.object({
    cmd: z.string().min(1),
    args: z.array(z.string()).nullish(),
    envs: z.record(z.string(), z.string()).nullish(),
    cwd: z.string().max(LIMITS.pathLength).nullish(),
  }),
  pty: Pty.nullish(),
  tag: text,
  /** Absent: open, as the vendor's oldest clients expect it. */
  stdin: z.boolean().nullish(),
});
export type StartRequest = z.output<typeof StartRequest>;

export const SelectRequest = z.object({ process: ProcessSelector });
export const UpdateRequest = z.object({ process: ProcessSelector, pty: Pty.nullish() });

const ProcessInput = z.object({ stdin: Bytes.nullish(), pty: Bytes.nullish() });
export type ProcessInput = z.output<typeof ProcessInput>;
export const SendInputRequest = z.object({ process: ProcessSelector, input: ProcessInput });

export const StreamInputRequest = z.object({
  start: z.object({ process: ProcessSelector }).nullish(),
  data: z.object({ input: ProcessInput }).nullish(),
  keepalive: z.object({}).nullish(),
});

/** Enums come by name or by number. */
const Signal = z.union([z.string(), z.int()]).transform((value, context) => {
  if (value === "SIGNAL_SIGTERM" || value === 15) return 15;
  if (value === "SIGNAL_SIGKILL" || value === 9) return 9;
  context.addIssue({
    code: "custom",
    message: "the signals are SIGNAL_SIGTERM and SIGNAL_SIGKILL",
  });
  return z.NEVER;
});
export const SendSignalRequest = z.object({ process: ProcessSelector, signal: Signal });

/** How a process ended, in the words of the Go program that speaks here at the vendor's. */
export interface ProcessEnd {
  exitCode: number;
  exited: boolean;
  status: string;
  error?: string;
}

const SIGNAL_WORDS: Record<number, string> = { 9: "signal: killed", 15: "signal: terminated" };

/**
 * `signal`: what was sent to it before it ended. A process that was killed has no exit code of its own there; one that
 * ends with 128+n for whatever other reason keeps that number, as a shell's would.
 */
export function processEnd(
  exitCode: number,
  { signal, lost }: { signal: number | undefined; lost: boolean },
): ProcessEnd {
  if (signal !== undefined && exitCode === 128 + signal) {
    const status = SIGNAL_WORDS[signal] ?? `signal: ${signal}`;
    return { exitCode: -1, exited: false, status, error: status };
  }
  const status = `exit status ${exitCode}`;
  if (exitCode === 0) return { exitCode, exited: true, status };
  const error = lost ? `${status}: nobody saw how it ended` : status;
  return { exitCode, exited: true, status, error };
}

export function startEvent(pid: number): object {
  return { event: { start: { pid } } };
}

export function dataEvent(stream: "stdout" | "stderr" | "pty", data: Uint8Array): object {
  const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
  return { event: { data: { [stream]: base64 } } };
}

export function endEvent(end: ProcessEnd): object {
  return { event: { end } };
}

export const KEEP_ALIVE = { event: { keepalive: {} } };

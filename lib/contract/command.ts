import * as z from "zod";
import { Environment } from "./sandbox.ts";
import { LIMITS } from "./limits.ts";

const text = z
  .string()
  .refine((value) => !value.includes("\0"), { message: "an argument holds no NUL" });

/** A command as a caller asks for it: a program and its arguments, never a shell line. */
export const CommandRequest = z.strictObject({
  cmd: text.min(1),
  args: z.array(text).default([]),
  /** Added to the sandbox's own variables; the command's win. */
  env: Environment.default({}),
  /** Absolute, or relative to the session's directory. */
  cwd: z.string().min(1).max(LIMITS.pathLength).optional(),
  /** As the sandbox's root user. */
  sudo: z.boolean().default(false),
  /** Wall-clock limit, kept with SIGKILL; absent means that only the session's life bounds it. */
  timeoutMs: z.int().positive().optional(),
  /** Keeps the command's stdin open for `writeStdin`; otherwise it is empty. */
  attachStdin: z.boolean().default(false),
});
export type CommandRequest = z.output<typeof CommandRequest>;
export type CommandRequestInput = z.input<typeof CommandRequest>;

/** A command as it is kept. Its variables are not: they may hold secrets. */
export const Command = z.object({
  id: z.string(),
  sessionId: z.string(),
  sandboxName: z.string(),
  cmd: z.string(),
  args: z.array(z.string()),
  cwd: z.string(),
  sudo: z.boolean(),
  timeoutMs: z.int().optional(),
  /** Milliseconds since the epoch. */
  startedAt: z.int(),
  /** 128+n after signal n; null while it runs. */
  exitCode: z.int().nullable(),
  durationMs: z.number().optional(),
  /** Set, with exit code 255, when the command is over but nobody saw how it ended: the engine and the recorder both died. */
  lost: z.boolean().optional(),
  /** What the isolation backend needs to find the process again after a restart. */
  process: z.json().optional(),
});
export type Command = z.output<typeof Command>;

export const OutputStream = z.enum(["stdout", "stderr"]);
export type OutputStream = z.output<typeof OutputStream>;

/** A piece of output, in order of arrival. `dropped` counts bytes that are gone before this piece. */
export interface OutputChunk {
  stream: OutputStream;
  /** Whole characters: a multi-byte character is never cut. */
  data: string;
  /** When the engine saw it, in milliseconds since the epoch. */
  at: number;
  /** Bytes of this stream that were dropped right before `data`, because the log reached its limit. */
  dropped?: number;
}

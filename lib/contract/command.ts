import * as z from "zod";
import { Environment } from "./sandbox.ts";
import { LIMITS } from "./limits.ts";
import { UserName } from "./sandbox-user.ts";

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
  /**
   * A user of the sandbox's `/etc/passwd`; `root` is the same as `sudo`. Absent: the sandbox's own default user.
   * Each of that user's three names brings its own home.
   */
  user: UserName.optional(),
  /** Wall-clock limit, kept with SIGKILL; absent means that only the session's life bounds it. */
  timeoutMs: z.int().positive().optional(),
  /** Keeps the command's stdin open for `writeStdin`; otherwise it is empty. */
  attachStdin: z.boolean().default(false),
  /** Whether to wait, a millisecond or two, until its process id is known. */
  tellPid: z.boolean().default(false),
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
  /** Whom the caller named; absent for the sandbox's own default user. */
  user: z.string().optional(),
  /** As seen inside the sandbox; absent where it is not known. */
  pid: z.int().optional(),
  timeoutMs: z.int().optional(),
  /** For how long the sandbox was paused meanwhile: that time is no part of the limit. */
  pausedMs: z.number().optional(),
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

/** A piece of output as the command wrote it: nothing is decoded, so a character may be cut between two. */
export interface OutputBytes extends Omit<OutputChunk, "data"> {
  data: Uint8Array;
}

import * as z from "zod";
import { Timestamp } from "./ids.ts";

/** A command of a sandbox, as lists show it. */
export const CommandSummary = z.object({
  cmdId: z.string(),
  /** The line as a person would type it. */
  command: z.string(),
  cwd: z.string(),
  startedAt: Timestamp,
  /** Null while it runs. 128 and the signal's number, if one ended it. */
  exitCode: z.int().nullable(),
  durationMs: z.int().optional(),
  /** Whether it was started to go on by itself, such as a server. */
  background: z.boolean(),
  /** Who started it. `other` programs use the engine besides the studio. */
  source: z.enum(["agent", "user", "other"]),
});
export type CommandSummary = z.output<typeof CommandSummary>;

/** GET /api/sandboxes/[sandboxId]/cmds: newest first. */
export const CommandList = z.object({ commands: z.array(CommandSummary) });
export type CommandList = z.output<typeof CommandList>;

/** POST /api/sandboxes/[sandboxId]/cmds: starts it and answers 201 with its CommandSummary. */
export const StartCommandRequest = z.strictObject({
  /** A line for the shell. */
  command: z.string().trim().min(1).max(32_000),
  cwd: z.string().min(1).max(4_096).optional(),
});
export type StartCommandRequest = z.output<typeof StartCommandRequest>;

/** One line of GET …/cmds/[cmdId]/logs, which is NDJSON: everything from the first, then live until the end. */
export const LogLine = z.object({
  /** `exit` comes last, if the command ended while somebody read. `error`: the output could not be read on. */
  stream: z.enum(["stdout", "stderr", "exit", "error"]),
  data: z.string(),
  timestamp: Timestamp,
  exitCode: z.int().optional(),
});
export type LogLine = z.output<typeof LogLine>;

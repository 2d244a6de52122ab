import * as z from "zod";

/** The numbers that bound what the tools take and give. */
export const LIMITS = {
  /** Of each stream, in the result of a command: what a model reads without losing its thread. */
  outputCharacters: 20_000,
  /** Of each stream, where more is asked for. */
  logCharacters: 200_000,
  /** One piece of a file. */
  readBytes: 64 * 1024,
  readMaxBytes: 1024 * 1024,
  writeFiles: 200,
  /** Sandboxes, or commands, of one `list`. */
  listed: 50,
  /** Below the minute after which the official clients give a call up. */
  runTimeoutMs: 50_000,
  waitMs: 50_000,
  /** An agent thinks between two calls, and its user does, too. */
  sandboxTimeoutMs: 30 * 60 * 1_000,
} as const;

/** How every tool names the sandbox that it is about. */
export const sandboxName = z
  .string()
  .min(1)
  .describe("The sandbox's name, as `create` or `list` gave it.");

import { once } from "node:events";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { abortable } from "../std/abortable.ts";
import type { Process, Root } from "./ports.ts";

const SIGKILL = 9;
const TAIL_BYTES = 4_096;

export interface Errand {
  cmd: string;
  args: string[];
  env?: Record<string, string>;
  cwd: string;
  /** As the sandbox's root. */
  sudo?: boolean;
  stdin?: Readable;
  signal?: AbortSignal;
}

/**
 * Runs a program of the engine's own inside a root, to its end, and gives its
 * exit code with the last of what it wrote to stderr. An abort ends it first.
 * `scratch` is a directory to make, to use and to delete.
 */
export async function runInRoot(
  root: Root,
  errand: Errand,
  scratch: string,
): Promise<{ exitCode: number; errorTail: string }> {
  errand.signal?.throwIfAborted();
  await mkdir(scratch, { recursive: true });
  try {
    const process = await root.start({
      commandId: "engine",
      cmd: errand.cmd,
      args: errand.args,
      env: errand.env ?? {},
      cwd: errand.cwd,
      sudo: errand.sudo ?? false,
      stdin: errand.stdin !== undefined,
      directory: scratch,
    });
    try {
      const exit = await abortable(feedAndWait(process, errand.stdin), errand.signal);
      return { exitCode: exit.exitCode, errorTail: await readTail(join(scratch, "stderr")) };
    } catch (error) {
      await process.signal(SIGKILL);
      await process.exited;
      throw error;
    }
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function feedAndWait(process: Process, input?: Readable) {
  if (input && process.stdin) {
    const stdin = process.stdin;
    const left = once(stdin, "close");
    try {
      await pipeline(input, stdin);
    } catch (error) {
      // A program that ends before it has read everything says why by its exit code.
      if (!isBrokenPipe(error)) throw error;
      await left;
    }
  }
  return process.exited;
}

function isBrokenPipe(error: unknown): boolean {
  if (!(error instanceof Error) || !("code" in error)) return false;
  return error.code === "EPIPE" || error.code === "ERR_STREAM_PREMATURE_CLOSE";
}

async function readTail(file: string): Promise<string> {
  await using handle = await open(file, "r");
  const { size } = await handle.stat();
  const length = Math.min(size, TAIL_BYTES);
  const { buffer } = await handle.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.toString("utf8").trim();
}

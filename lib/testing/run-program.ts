import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

export interface Ended {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
  /** Which Node; by default, the one that runs the test. */
  execPath?: string;
  input?: string;
}

/** Runs a Node program to its end. It gets the given variables and a PATH, and nothing else of this process. */
export async function runProgram(args: string[], options: RunOptions = {}): Promise<Ended> {
  const child = spawn(options.execPath ?? process.execPath, args, {
    cwd: options.cwd,
    env: { PATH: process.env["PATH"] ?? "", ...options.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  child.stdin.end(options.input ?? "");
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    child.exitCode === null && child.signalCode === null ? once(child, "exit") : undefined,
  ]);
  return { exitCode: child.exitCode, stdout, stderr };
}

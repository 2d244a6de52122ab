import type { NewSandbox } from "../../studio/contract/agent.ts";
import type { CommandOutput } from "./command-output.ts";

/** The call of a tool that something is done for. */
export interface ToolCall {
  toolCallId: string;
  abortSignal?: AbortSignal | undefined;
}

/** A command that a tool started, or asked for. */
export interface ProjectCommand {
  readonly cmdId: string;
  /** Null while it runs, as far as was known when it was asked for. */
  readonly exitCode: number | null;
  /** Throws the signal's reason when that is aborted before the command has ended. */
  wait(params?: { signal?: AbortSignal }): Promise<{ exitCode: number; durationMs?: number }>;
  /** Asks it to end, or makes it. */
  kill(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
  /** What it has written by now, cut to what a model takes in, or its last lines. */
  output(lines?: number): Promise<CommandOutput>;
}

/** A program to run in the background of a tool's call, or of the turn. */
export interface CommandStart {
  cmd: string;
  args: string[];
  cwd: string;
  timeoutMs: number | undefined;
  /** It goes on when the call is over. */
  background: boolean;
}

/**
 * A project's sandbox as one tool call uses it: each method is one call of the SDK or, where tools run as tasks, one
 * task. All of it ends when the tool call is aborted.
 */
export interface ProjectSandbox {
  readonly name: string;
  /** Where its ports are reached, as far as anything leads there. */
  ports(): Promise<{ port: number; url?: string }[]>;
  urlOf(port: number): Promise<string>;
  /** Null where there is no such file. */
  readFile(path: string): Promise<AsyncIterable<string | Uint8Array> | null>;
  writeFiles(files: { path: string; content: Buffer | string }[]): Promise<void>;
  /** Runs a small script of the tool's own to its end. */
  runErrand(script: string, args: string[]): Promise<{ exitCode: number; stdout: string }>;
  start(command: CommandStart): Promise<ProjectCommand>;
  /** Throws `command_not_found`. */
  command(cmdId: string): Promise<ProjectCommand>;
  stop(): Promise<void>;
}

/** How tools get at sandboxes. */
export interface Sandboxes {
  /** The sandbox of that name, started again if it was stopped, or a new one. */
  getOrCreate(
    request: NewSandbox,
    call: ToolCall,
  ): Promise<{ sandboxId: string; existed: boolean; ports: { port: number; url: string }[] }>;
  /** The sandbox of that name. It, or its first use, throws `sandbox_not_found`. */
  open(name: string, call: ToolCall): Promise<ProjectSandbox>;
}

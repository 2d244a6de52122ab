import type { Readable } from "node:stream";
import type { OutputStream } from "../../contract/command.ts";
import type { NetworkPolicy } from "../../contract/network-policy.ts";
import type { Capabilities } from "./capabilities.ts";

/** A sandbox as its cloud tells of it. Times are milliseconds since the epoch. */
export interface CloudSandbox {
  id: string;
  state: "running" | "stopping" | "stopped" | "failed";
  /** What was written on it, ours among others'. */
  labels: Record<string, string>;
  createdAt: number;
  /** When it began to run the last time. */
  startedAt: number;
  /** When it ends by itself, where the cloud knows. */
  endsAt?: number;
  vcpus: number;
  memoryMb: number;
}

export interface CloudCreation {
  name: string;
  labels: Record<string, string>;
  env: Record<string, string>;
  timeoutMs: number;
  /** Whether its files are kept when its time is up. */
  persistent: boolean;
  /** What it begins with, in the cloud's own words: one of the two, or neither. */
  image?: string;
  snapshotId?: string;
  network: NetworkPolicy;
}

export interface CloudSnapshot {
  id: string;
  createdAt?: number;
  sizeBytes?: number;
}

/** How a line went that was run to its end. */
export interface Ran {
  exitCode: number;
  stdout: string;
}

interface Waiting {
  signal?: AbortSignal | undefined;
}

/**
 * What our engine needs of a cloud: little, and by its vendor's own SDK. Every method throws SandboxError: what is not
 * there `sandbox_not_found`, what does not run `sandbox_stopped`, a cloud that cannot be asked `engine_unavailable`.
 */
export interface Cloud extends AsyncDisposable {
  readonly name: "e2b" | "daytona";
  readonly capabilities: Capabilities;
  create(creation: CloudCreation, options: Waiting): Promise<CloudSandbox>;
  /** Without waking it; undefined when there is none. */
  find(id: string): Promise<CloudSandbox | undefined>;
  /** Those that bear the label, or all. */
  list(label?: { key: string; value: string }): AsyncIterable<CloudSandbox>;
  /** Goes on with one that was stopped. */
  resume(id: string, options: { timeoutMs: number } & Waiting): Promise<CloudSandbox>;
  /** Ends its processes and keeps its files. */
  stop(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** From now on. */
  setTimeout(id: string, timeoutMs: number): Promise<void>;
  /** Whether its files are kept when its time is up; absent where that is said once. */
  setPersistent?(id: string, persistent: boolean): Promise<void>;
  /** Replaces all of them; absent where labels are written once. */
  setLabels?(id: string, labels: Record<string, string>): Promise<void>;
  setNetwork(id: string, policy: NetworkPolicy): Promise<void>;
  /** Runs a shell line as the default user, to its end. */
  run(id: string, line: string, options?: Waiting): Promise<Ran>;
  /** The same, with the output as it comes. A reader that leaves ends it. */
  stream(
    id: string,
    line: string,
    options?: Waiting,
  ): AsyncGenerator<{ stream: OutputStream; data: string }, void, void>;
  /** Writes a file whole, to an absolute path whose directory is there. */
  upload(id: string, path: string, content: Readable, options?: Waiting): Promise<void>;
  download(id: string, path: string, options?: Waiting): Promise<Readable>;
  /** The URL at which anybody who has it reaches the port. */
  url(id: string, port: number): Promise<string>;
  /** Keeps the files of one that runs; it may go on or not. */
  snapshot(id: string, name: string): Promise<CloudSnapshot>;
  snapshots(): AsyncIterable<CloudSnapshot>;
  /** Deleting what is not there is no error. */
  deleteSnapshot(id: string): Promise<void>;
}

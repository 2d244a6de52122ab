import type { OpenEngine } from "sandlot/host";
import type { Sandbox } from "sandlot";
import type { Summary } from "./statistics.ts";

/** One line of the table. */
export interface Row {
  what: string;
  baseline: string;
  goal: string;
  /** For people: the medians and what they come to. */
  result: string;
  /** Absent where the goal is about another way of isolation, or there is none. */
  reached?: boolean;
  numbers: Record<string, Summary | number>;
}

/** What the measurements stand on. */
export interface Bench {
  /** In this process: what the engine itself takes. */
  readonly engine: OpenEngine["engine"];
  /** The daemon of the library's own classes: its process. */
  daemonPid(): Promise<number>;
  /** The same, what it holds in memory now, and the most that it ever held. */
  daemonMemory(): Promise<{ nowBytes: number; peakBytes: number }>;
  /** Ends the daemon and starts another, so that what others left in its memory is gone. */
  freshDaemon(): Promise<void>;
  /** A sandbox of the daemon's. */
  create(parameters?: Parameters<typeof Sandbox.create>[0]): Promise<Sandbox & AsyncDisposable>;
  /** An empty directory on the file system of the state folder. */
  directory(): Promise<string>;
  /** Fewer rounds, for a look; the numbers are not to be quoted. */
  readonly quick: boolean;
}

export interface Measure {
  name: string;
  run(bench: Bench): Promise<Row[]>;
}

export function milliseconds(value: number): string {
  return `${value < 10 ? value.toFixed(2) : value.toFixed(1)} ms`;
}

/** Median and 95th percentile. */
export function both({ p50, p95 }: Summary): string {
  return `${milliseconds(p50)} (p95 ${milliseconds(p95)})`;
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

import type { NetworkPolicy } from "../../contract/network-policy.ts";
import type { Root } from "../../engine/ports.ts";
import type { IsolationBench } from "../isolation-bench.ts";
import type { Outside } from "./outside.ts";

/** One way to try to get out of a sandbox. */
export interface Attempt {
  title: string;
  as: "default-user" | "root";
  /**
   * Text for `sh`, run inside with what `Outside.variables` names. A program that gets hold of something
   * says `holding` once it has it, not before, and waits: it is looked at then.
   */
  program: string;
  proof: Proof;
  weakened: Weakening;
  /** What the engine does afterwards with what the program left; it may give more output to look through. */
  afterwards?: (stage: Stage) => Promise<string | void>;
  /** Whether a second sandbox is there, whose variables the program knows. */
  neighbour?: boolean;
  networkPolicy?: NetworkPolicy;
  /** Without it on the host, there is nothing to get at. */
  needs?: string;
  /** What the machine has to be like for the attempt to mean something, and what it is not where it does not. */
  where?: { words: string; holds: () => boolean };
}

/** By unique names, which is what a case is skipped by. */
export type Attempts = Readonly<Record<string, Attempt>>;

/** What is looked at from outside to tell whether an attempt succeeded. */
type Proof =
  /** What only a file, a process or a server outside knows was in the output. */
  | "secret"
  /** A file outside was made or changed. */
  | "mark"
  /** A process outside was ended, stopped, traced or changed. */
  | "victim"
  /** The kernel let a harmless variant through which only the mightiest may ask for. */
  | { says: string }
  /** A process inside has a file open whose name is like this. */
  | { holds: RegExp }
  | { found: (stage: Stage, output: string) => boolean | Promise<boolean> };

/** What makes the attempt succeed, so that it is known to be able to. */
export type Weakening =
  /** The backend without isolation. */
  | "process"
  /** No sandbox at all, in namespaces of the test's: where success on the machine itself would do harm. */
  | "box"
  /** The host's root is left mounted. */
  | "hosts-root"
  /** Mount points are taken as a snapshot has them. */
  | "trusted-mount-points"
  /** The engine opens files of the sandbox's by their names. */
  | "naive-files"
  /** The engine reads the sandbox's lists of users and groups as any other file. */
  | "naive-tables"
  /** The policy names what is reserved. */
  | "named"
  /** The engine's own variables are handed on. */
  | "passed-on"
  /** The engine has the session keyring of whoever started it. */
  | "callers-keyring";

/** Where an attempt takes place. */
export interface Stage {
  outside: Outside;
  /** The sandbox's, or what a weakened engine has in their place. */
  files: Pick<Root["files"], "read" | "write" | "makeDirectory">;
  /** Absent in a box. */
  sandbox?: { bench: IsolationBench; root: Root; sessionId: string };
  /** Host pid of the first process in the sandbox; undefined where it has none of its own. */
  init: number | undefined;
  /** Runs a shell line inside to its end. */
  sh(line: string, options?: { as?: Attempt["as"] }): Promise<string>;
  /** Runs a host's program where it sees what is outside of the attempt. */
  onHost(...argv: string[]): Promise<string>;
  /** Ends the session, makes a snapshot and begins another session with it. Gives what went wrong. */
  resume(): Promise<string>;
}

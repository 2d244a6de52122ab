import type { Readable, Writable } from "node:stream";
import type { Server } from "node:net";
import type { Drive } from "../contract/drive.ts";
import type { Command } from "../contract/command.ts";
import type { NetworkPolicy } from "../contract/network-policy.ts";
import type { Page, SortOrder } from "../contract/page.ts";
import type { Sandbox, Session } from "../contract/sandbox.ts";
import type { SandboxUser } from "../contract/sandbox-user.ts";
import type { StoredSecret } from "../contract/secret.ts";
import type { Snapshot } from "../contract/snapshot.ts";
import type { Template, TemplateBuild, TemplateLayer } from "../contract/template.ts";
import type { Usage } from "../contract/usage.ts";
import type { EgressSecret } from "./secrets/egress-secret.ts";
import type { DriveTree, RootFiles } from "./root-files.ts";

// What the engine needs from the machine. Backends implement these interfaces;
// the engine never starts a process, mounts, opens a database or listens.

/** Data that survives in the store: what JSON can hold. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

// ---------------------------------------------------------------- isolation

/** A thing that a backend offers or lacks; a lack names its reason and what would help. */
export type Feature = { offered: true } | { offered: false; reason: string };

export interface IsolationFeatures {
  /** Users of the sandbox's own, and `sudo`. */
  users: Feature;
  /** Whether a network policy is enforced, not just recorded. */
  networkPolicy: Feature;
  /** Whether two sandboxes may listen on the same port. */
  privatePorts: Feature;
  /** Whether the host's files are out of reach. */
  privateFiles: Feature;
  /** Limits of memory, processors and processes. */
  limits: Feature;
}

/** Where and how commands run. One instance serves all sandboxes of an engine. */
export interface Isolation {
  readonly name: "process" | "namespaces" | "scripted";
  readonly features: IsolationFeatures;
  /**
   * Makes the place where a session's commands run: empty, or holding the files of a snapshot.
   * Leaves nothing behind when it fails. Throws `snapshot_gone` for a snapshot that is not there.
   */
  prepare(request: PrepareRequest, options?: { signal?: AbortSignal }): Promise<Root>;
  /**
   * Finds a session's root again after the engine was restarted; undefined when it is gone. One of a session
   * with another isolation's name can only be halted, captured and removed.
   */
  adopt(handle: Json): Promise<Root | undefined>;
  /** The size of a snapshot's files; undefined when there is no such snapshot (whole) on disk. */
  measureSnapshot(snapshotId: string): Promise<{ sizeBytes: number } | undefined>;
  /** Deletes a snapshot's files. Deleting what is not there is no error. */
  deleteSnapshot(snapshotId: string): Promise<void>;
  /** Makes a drive's directory if it is not there yet. */
  ensureDrive(driveId: string): Promise<void>;
  /** Deletes a drive's files. Deleting what is not there is no error. */
  deleteDrive(driveId: string): Promise<void>;
  /**
   * A drive's own tree, whose paths begin at the drive, whoever has it mounted. As the root of a sandbox that
   * has it, but what is made is the default user's. To be disposed of after use.
   */
  openDrive(driveId: string): Promise<DriveTree & Disposable>;
  /** Copies a drive's files to a new drive's directory. */
  copyDrive(sourceId: string, targetId: string): Promise<void>;
  /**
   * Deletes whatever of a crashed engine is on disk (or mounted) and belongs to none of the given:
   * half-made roots, snapshots and drives. Called once, before anything else.
   */
  sweep(known: { roots: Json[]; snapshotIds: string[]; driveIds: string[] }): Promise<void>;
  /**
   * Gives back the disk blocks of a log's first bytes without moving the rest, so that a file that
   * is being appended to stays bounded. False where the machine cannot.
   */
  discardPrefix(file: string, bytes: number): Promise<boolean>;
}

export interface PrepareRequest {
  sessionId: string;
  sandboxName: string;
  snapshotId?: string;
  /** Absolute paths as commands see them; both are made if missing. */
  cwd: string;
  home: string;
  /** By which name the default user is known, in the variables of commands and first in `/etc/passwd`. */
  user: SandboxUser;
  mounts: { path: string; driveId: string; mode: "read-write" | "snapshot" }[];
  /** Exposed ports and the host port at which each is reached from outside. */
  ports: { port: number; hostPort: number }[];
  networkPolicy: NetworkPolicy;
  /** What leaves in place of placeholders. Kept in memory alone. Absent: nothing. */
  secrets?: readonly EgressSecret[];
  vcpus: number;
  memoryMb: number;
}

/** A prepared place. Paths are as commands see them. After `stop` or `capture` it must not be used. */
export interface Root {
  /** What `Isolation.adopt` needs. */
  readonly handle: Json;
  /** Whether commands can run: what they run in may have gone, with a reboot of the machine for one. The files stay. */
  readonly isAlive: boolean;
  /**
   * Starts a command. Throws `executable_not_found` or `directory_not_found` before anything ran,
   * `unsupported` for `sudo` where users are not offered.
   */
  start(spec: ProcessSpec): Promise<Process>;
  /** Finds a command's process again; undefined when nothing is known of it or its end. */
  adoptProcess(handle: Json, files: { directory: string }): Promise<Process | undefined>;
  openTerminal(spec: TerminalSpec): Promise<Terminal>;
  /**
   * Stops every process in its tracks, also such as multiply; none runs when it returns. Survives this process, and
   * holds until `thaw`. Idempotent.
   */
  freeze(): Promise<void>;
  /** Lets go on what `freeze` stopped, and not what had been stopped before by others. Nothing to do is no error. */
  thaw(): Promise<void>;
  readonly files: RootFiles;
  /**
   * Connects what arrives at the server to the port inside. While nothing listens there, an HTTP
   * request is answered with 502 and a page that says so. Ends with the returned handle, which
   * leaves the server open.
   */
  forward(forward: { port: number; hostPort: number; server: Server }): AsyncDisposable;
  /** With all the secrets that hold from then on. */
  applyNetworkPolicy(policy: NetworkPolicy, secrets?: readonly EgressSecret[]): Promise<void>;
  /** `diskBytes` only when asked for: every file is looked at. */
  usage(options?: { disk?: boolean }): Promise<Usage>;
  /** Ends everything that runs inside, TERM first where there is time, and keeps the files. Idempotent. */
  halt(options: { graceMs: number }): Promise<void>;
  /** After `halt`: turns the files into a snapshot and consumes the root. All or nothing. */
  capture(snapshotId: string): Promise<{ sizeBytes: number }>;
  /** While it is frozen: makes a snapshot of the files as they are, and leaves the root alone. All or nothing. */
  copy(snapshotId: string): Promise<{ sizeBytes: number }>;
  /** After `halt`: deletes the files. */
  remove(): Promise<void>;
}

export interface ProcessSpec {
  commandId: string;
  cmd: string;
  args: string[];
  /** The variables of sandbox and command; the backend adds its own PATH, HOME and the like below them. */
  env: Record<string, string>;
  /** Absolute, as commands see it. */
  cwd: string;
  sudo: boolean;
  /** A user of the sandbox's own, never root; absent: the default user by the sandbox's own name. Throws `invalid_request` when there is none of the name. */
  user?: string | undefined;
  stdin: boolean;
  /**
   * A directory of the engine's, made before, outside of what the sandbox sees. The process appends
   * to `stdout` and `stderr` in it; `exit` appears in it at the end and holds the exit code and a newline.
   */
  directory: string;
  /**
   * Called once, if given, before the command runs, when the files that it will write to are in the directory: until
   * then the root may put another directory in its place. What it throws fails the start.
   */
  logsReady?: (() => void) | undefined;
}

export interface Exit {
  /** 128+n after signal n. */
  exitCode: number;
  /** The process and its recorder are both gone without a word. */
  lost?: boolean;
  /** The kernel ended it because the sandbox's memory was used up. */
  outOfMemory?: boolean;
}

/** A running or ended command. */
export interface Process {
  /** What `Root.adoptProcess` needs. */
  readonly handle: Json;
  /** Never rejects. Resolves when the command itself ended, whatever it left in the background. */
  readonly exited: Promise<Exit>;
  /** Present when asked for, and gone for good when the engine was restarted. */
  readonly stdin?: Writable;
  /** The command's process id as seen inside, once it runs; undefined for one that was too quick to be seen. */
  findPid(): Promise<number | undefined>;
  /** Sends the signal to the command and all that descends from it, also what put itself in the background. */
  signal(signal: number): Promise<void>;
}

export interface TerminalSpec {
  cmd: string;
  args: string[];
  env: Record<string, string>;
  cwd?: string;
  sudo: boolean;
  /** As a command's. */
  user?: string | undefined;
  columns: number;
  rows: number;
}

/** A command on a pseudo-terminal. Its descendants end with it when it is disposed of. */
export interface Terminal extends AsyncDisposable {
  readonly output: Readable;
  readonly exited: Promise<Exit>;
  /** Its program's process id as seen inside, once it runs; undefined for one that was too quick to be seen. */
  findPid(): Promise<number | undefined>;
  /** Sends the signal to its program and all that descends from it. */
  signal(signal: number): void;
  write(data: Uint8Array): void;
  resize(size: { columns: number; rows: number }): void;
}

// -------------------------------------------------------------------- store

/** What outlives the process. Synchronous, so that a transaction cannot be interleaved. */
export interface Store {
  readonly sandboxes: Table<Sandbox>;
  readonly sessions: Table<Session>;
  readonly commands: Table<Command>;
  readonly snapshots: Table<Snapshot>;
  readonly drives: Table<Drive>;
  readonly secrets: Table<StoredSecret>;
  readonly templates: Table<Template>;
  readonly builds: Table<TemplateBuild>;
  readonly layers: Table<TemplateLayer>;
  /** All or nothing, durable when it returns. Does not nest. */
  transaction<T>(work: () => T): T;
  close(): void;
}

export interface Table<Row> {
  get(key: string): Row | undefined;
  /** Inserts or replaces by the row's key. Durable when it returns. */
  put(row: Row): void;
  delete(key: string): void;
  /** One page in a total order: equal sort values are ordered by key. Throws `invalid_request` for a foreign cursor. */
  page(query: TableQuery): Page<Row>;
  /** Every row that matches, oldest first. */
  all(filter?: TableFilter): Row[];
}

/** Every given part must hold. Names of fields are those that `tables.ts` declares. */
export interface TableFilter {
  equals?: Record<string, string>;
  /** Rows whose field has one of the values. */
  oneOf?: Record<string, readonly string[]>;
  /** Rows whose key (for drives: whose name) begins with this. */
  namePrefix?: string;
  /** Rows that bear every one of them. */
  tags?: Record<string, string>;
}

export interface TableQuery extends TableFilter {
  sortBy: string;
  sortOrder: SortOrder;
  limit: number;
  cursor?: string | undefined;
}

// ------------------------------------------------------------------- others

/** Time, as a port so that tests can move it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /**
   * Calls once, at or after the moment; any distance is allowed. Never keeps the process alive. What `call` gives
   * may be a promise that never rejects: whoever moves a clock by hand waits for it.
   */
  at(time: number, call: () => unknown): Disposable;
}

/** Listening sockets of the host's, for exposed ports. */
export interface HostPorts {
  /**
   * Listens on loopback, on the preferred port if that is free. The server accepts connections from
   * then on, paused; whoever attaches `connection` handlers serves them.
   */
  listen(options: {
    preferred?: number;
  }): Promise<{ port: number; server: Server } & AsyncDisposable>;
  /** The URL by which a browser on this machine reaches the port. */
  url(port: number): string;
}

/** Fetches a source's bytes; the host decides which schemes and addresses are allowed. */
export interface Fetcher {
  fetch(url: string, options?: { signal?: AbortSignal }): Promise<Readable>;
  /**
   * A git repository that only this machine reaches, as a tar archive of a bare copy; undefined for any
   * address that a sandbox can go to by itself.
   */
  fetchRepository(url: string, options?: { signal?: AbortSignal }): Promise<Readable | undefined>;
}

/** One line about what the engine did or noticed; never a secret, never a command's output. */
export interface Log {
  info(message: string, fields?: Record<string, Json>): void;
  warn(message: string, fields?: Record<string, Json>): void;
}

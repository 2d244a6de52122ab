import type { Readable } from "node:stream";
import type { Command, CommandRequestInput, OutputChunk } from "../contract/command.ts";
import type { Drive, DriveRequest } from "../contract/drive.ts";
import type { NetworkPolicy } from "../contract/network-policy.ts";
import type { Page, PageRequest, SortOrder } from "../contract/page.ts";
import type {
  CreateSandboxRequestInput,
  ForkSandboxRequest,
  Route,
  Sandbox,
  Session,
  UpdateSandboxRequest,
} from "../contract/sandbox.ts";
import type { Snapshot, SnapshotTreeNode } from "../contract/snapshot.ts";
import type { Usage } from "../contract/usage.ts";
import type { IsolationFeatures, Terminal, TerminalSpec } from "./ports.ts";

// The engine as a face sees it. Every method throws SandboxError and nothing else on purpose.

/** Options that everything that waits takes. */
export interface Waiting {
  signal?: AbortSignal;
}

/** A sandbox with its latest session and the ways into it. */
export interface SandboxView {
  sandbox: Sandbox;
  session: Session;
  routes: Route[];
}

export interface SandboxListRequest extends PageRequest {
  sortBy?: "createdAt" | "name" | "statusUpdatedAt" | "currentSnapshotId";
  namePrefix?: string;
  tag?: { key: string; value: string };
  status?: "running" | "stopping" | "stopped";
}

/** Owns every transition of a sandbox: one at a time per name, each durable before it is answered. */
export interface Sandboxes {
  /** Returns when commands are taken. Throws `name_taken`, `snapshot_gone`, `source_failed`. Leaves nothing behind when it fails. */
  create(request: CreateSandboxRequestInput, options?: Waiting): Promise<SandboxView>;
  /** With `resume`, starts a new session if none runs (waiting for one that is stopping to be gone). Throws `sandbox_not_found`, `snapshot_gone`. */
  get(
    name: string,
    options?: Waiting & { resume?: boolean },
  ): Promise<SandboxView & { resumed: boolean }>;
  list(request: SandboxListRequest): Page<Sandbox>;
  update(name: string, request: UpdateSandboxRequest): Promise<SandboxView>;
  /** Stops it first; afterwards it is unknown. `deleteOrphanSnapshots` also deletes its snapshots that nothing else needs. */
  delete(name: string, options?: { deleteOrphanSnapshots?: boolean }): Promise<SandboxView>;
  fork(source: string, request: ForkSandboxRequest, options?: Waiting): Promise<SandboxView>;
}

/** Running periods. Operations that need a running session throw `session_not_found`, `sandbox_stopped`, `sandbox_stopping` or `sandbox_snapshotting`. */
export interface Sessions {
  get(id: string): Promise<{ session: Session; sandbox?: Sandbox; routes: Route[] }>;
  list(request: PageRequest & { sandboxName?: string }): Page<Session>;
  /** Idempotent, also for a session that has long ended. A persistent sandbox gets an automatic snapshot. */
  stop(id: string): Promise<{ session: Session; sandbox?: Sandbox; snapshot?: Snapshot }>;
  /** Adds to the session's life. Throws `sandbox_timeout_invalid` over the limit. */
  extendTimeout(id: string, durationMs: number): Promise<Session>;
  setNetworkPolicy(id: string, policy: NetworkPolicy): Promise<Session>;
  /** Stops the session and keeps its files as a snapshot. `expirationMs` 0 means for ever. */
  snapshot(
    id: string,
    options?: { expirationMs?: number },
  ): Promise<{ snapshot: Snapshot; session: Session }>;
  /** What the session used so far, or in all its life. `disk` looks at every file of one that runs. */
  usage(id: string, options?: { disk?: boolean }): Promise<Usage>;
}

/** Commands. Reading works on stopped sessions too; starting, killing and writing need a running one. */
export interface Commands {
  /** Returns when the process runs. Throws `executable_not_found`, `directory_not_found`, `unsupported`. */
  start(sessionId: string, request: CommandRequestInput, options?: Waiting): Promise<Command>;
  get(sessionId: string, commandId: string): Promise<Command>;
  list(sessionId: string, request: PageRequest): Page<Command>;
  /** Resolves when the command ended. */
  wait(sessionId: string, commandId: string, options?: Waiting): Promise<Command>;
  /**
   * Replays from the first byte that is left, follows live, ends when the command ended; without `follow`
   * (default true) when what is there now was read. Never holds up the command. A reader that leaves stops nothing.
   */
  output(
    sessionId: string,
    commandId: string,
    options?: Waiting & { follow?: boolean },
  ): AsyncGenerator<OutputChunk, void, void>;
  /** Signals the whole tree. No error when it has ended already. */
  kill(sessionId: string, commandId: string, signal: number): Promise<Command>;
  /**
   * Appends to stdin in order: `offset` is the count of bytes written before (absent: just append).
   * Throws `stdin_offset_gap`, `stdin_timeout`. `end` closes stdin after the data.
   */
  writeStdin(
    sessionId: string,
    commandId: string,
    write: { data: Uint8Array; offset?: number; end?: boolean },
    options?: Waiting,
  ): Promise<{ bytesWritten: number; offset: number }>;
}

export interface Files {
  /** Unpacks a tar (gzipped or not), its names relative to `directory`. Throws `invalid_request`, `too_large`, `path_outside_sandbox`. */
  writeArchive(
    sessionId: string,
    archive: Readable,
    options: Waiting & { directory: string },
  ): Promise<void>;
  read(
    sessionId: string,
    file: { path: string; cwd?: string },
    options?: Waiting,
  ): Promise<{ size: number; content: Readable }>;
  makeDirectory(
    sessionId: string,
    directory: { path: string; cwd?: string; recursive: boolean },
  ): Promise<void>;
}

export interface Snapshots {
  get(id: string): Promise<Snapshot>;
  list(request: PageRequest & { sandboxName?: string }): Page<Snapshot>;
  /** Keeps the record with status `deleted`. Idempotent. */
  delete(id: string): Promise<Snapshot>;
  /** `desc` walks from the anchor to its ancestors, `asc` to its descendants (the newest line). `next` is a snapshot's id. */
  tree(request: {
    anchorId: string;
    limit: number;
    sortOrder: SortOrder;
  }): Promise<{ anchor: SnapshotTreeNode; nodes: SnapshotTreeNode[]; next?: string }>;
}

export interface Drives {
  getOrCreate(request: DriveRequest): Promise<{ drive: Drive; created: boolean }>;
  /** By name or id. */
  get(nameOrId: string): Promise<Drive>;
  list(
    request: PageRequest & { sortBy?: "createdAt" | "updatedAt" | "name"; namePrefix?: string },
  ): Page<Drive>;
  fork(sourceName: string, request: DriveRequest): Promise<Drive>;
  /** Throws `drive_in_use`. */
  delete(name: string): Promise<Drive>;
}

export interface Terminals {
  /** A shell or command on a pseudo-terminal in a running session. It ends when disposed of, or with the session. */
  open(sessionId: string, spec: Omit<TerminalSpec, "sudo"> & { sudo?: boolean }): Promise<Terminal>;
}

/** Everything a face can ask for. Disposing of it leaves running commands alone; the next engine adopts them. */
export interface Engine extends AsyncDisposable {
  readonly isolation: { name: string; features: IsolationFeatures };
  readonly sandboxes: Sandboxes;
  readonly sessions: Sessions;
  readonly commands: Commands;
  readonly files: Files;
  readonly snapshots: Snapshots;
  readonly drives: Drives;
  readonly terminals: Terminals;
  /** Whether anything runs that an idle exit would cut off from its timeouts. */
  isBusy(): boolean;
}

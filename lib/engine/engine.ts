import type {
  Command,
  CommandRequestInput,
  OutputBytes,
  OutputChunk,
} from "../contract/command.ts";
import type { Drive, DriveRequest } from "../contract/drive.ts";
import type { NetworkPolicy } from "../contract/network-policy.ts";
import type { Page, PageRequest, SortOrder } from "../contract/page.ts";
import type {
  CreateSandboxRequestInput,
  ForkSandboxRequest,
  Route,
  Sandbox,
  SandboxStatus,
  Session,
  UpdateSandboxRequest,
} from "../contract/sandbox.ts";
import type { Snapshot, SnapshotTreeNode } from "../contract/snapshot.ts";
import type { TerminalRequestInput, TerminalSize, TerminalView } from "../contract/terminal.ts";
import type { Usage, UsageSample } from "../contract/usage.ts";
import type { DriveFiles, Files } from "./file-words.ts";
import type { IsolationFeatures, Terminal, TerminalSpec } from "./ports.ts";
import type { Secrets } from "./secrets/secret-words.ts";
import type { Templates } from "./templates/template-words.ts";

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
  /** Every one of them has to be the sandbox's. */
  tags?: Record<string, string>;
  /** One of these; absent or empty: any. */
  statuses?: SandboxStatus[];
}

export interface ResumeOptions {
  resume?: boolean;
  /** False: what is frozen is ended, and a new session starts from its files. */
  memory?: boolean;
  /** Of the session that goes on or starts, instead of the sandbox's own. */
  timeoutMs?: number;
}

/** Owns every transition of a sandbox: one at a time per name, each durable before it is answered. */
export interface Sandboxes {
  /** Returns when commands are taken. Throws `name_taken`, `snapshot_gone`, `source_failed`. Leaves nothing behind when it fails. */
  create(request: CreateSandboxRequestInput, options?: Waiting): Promise<SandboxView>;
  /**
   * With `resume`, goes on with a paused session, its timeout begun anew, or starts a new one if none runs (waiting
   * for one that is stopping to be gone). Throws `sandbox_not_found`, `snapshot_gone`.
   */
  get(name: string, options?: Waiting & ResumeOptions): Promise<SandboxView & { resumed: boolean }>;
  /** By its `id` instead of its name. Throws `sandbox_not_found`. */
  byId(id: string): Promise<SandboxView>;
  list(request: SandboxListRequest): Page<Sandbox>;
  update(name: string, request: UpdateSandboxRequest): Promise<SandboxView>;
  /** Stops it first; afterwards it is unknown. `deleteOrphanSnapshots` also deletes its snapshots that nothing else needs. */
  delete(name: string, options?: { deleteOrphanSnapshots?: boolean }): Promise<SandboxView>;
  fork(source: string, request: ForkSandboxRequest, options?: Waiting): Promise<SandboxView>;
}

/**
 * Running periods. Operations that need a running session throw `session_not_found`, `sandbox_stopped`,
 * `sandbox_stopping`, `sandbox_snapshotting` or `sandbox_paused`.
 */
export interface Sessions {
  get(id: string): Promise<{ session: Session; sandbox?: Sandbox; routes: Route[] }>;
  list(request: PageRequest & { sandboxName?: string }): Page<Session>;
  /** Idempotent, also for a session that has long ended. A persistent sandbox gets an automatic snapshot. */
  stop(id: string): Promise<{ session: Session; sandbox?: Sandbox; snapshot?: Snapshot }>;
  /** Adds to the session's life. Throws `sandbox_timeout_invalid` over `LIMITS.longestTimeoutMs` in all. */
  extendTimeout(id: string, durationMs: number): Promise<Session>;
  /** The session's life ends so many milliseconds from now (0: at once), sooner or later than it would have. */
  setTimeout(id: string, timeoutMs: number): Promise<Session>;
  /** Counts as activity, for a sandbox that is stopped or paused when it is idle. */
  touch(id: string): Promise<void>;
  /**
   * With its memory: freezes every process in it and clears its deadline; a restart of the engine changes nothing of
   * that. Without: ends the session and keeps its files, also of a sandbox that is not persistent. The sandbox is
   * `paused` either way, and goes on by `sandboxes.get` with `resume`. What is frozen is gone with the machine's
   * reboot: then it resumes from its disk. Idempotent.
   */
  pause(id: string, options: { memory: boolean }): Promise<{ session: Session; sandbox: Sandbox }>;
  /**
   * Where a port inside is reached from this machine, exposed or not: opened at first use, closed with the session.
   * Nothing needs to listen there yet.
   */
  route(id: string, port: number): Promise<Route>;
  setNetworkPolicy(id: string, policy: NetworkPolicy): Promise<Session>;
  /**
   * Stops the session and keeps its files as a snapshot; with `keepRunning` it only stands still while they are
   * copied, and may be paused as well. `expirationMs` 0 means for ever.
   */
  snapshot(
    id: string,
    options?: {
      expirationMs?: number;
      keepRunning?: boolean;
      method?: Snapshot["creationMethod"];
      name?: string;
    },
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
  /**
   * The same as bytes, undecoded. With `from: "now"` what was written before the call is left out, and not read.
   */
  outputBytes(
    sessionId: string,
    commandId: string,
    options?: Waiting & { follow?: boolean; from?: "start" | "now" },
  ): AsyncGenerator<OutputBytes, void, void>;
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
  /** The ways into a drive's own tree. Each throws `drive_not_found` once the drive is deleted. */
  files(nameOrId: string): DriveFiles;
  /** Throws `drive_in_use`. */
  delete(name: string): Promise<Drive>;
}

export interface Terminals {
  /** A shell or command on a pseudo-terminal in a running session. It ends when disposed of, or with the session. */
  open(sessionId: string, spec: Omit<TerminalSpec, "sudo"> & { sudo?: boolean }): Promise<Terminal>;
  /**
   * The same, kept by the engine until it ends, whether anybody reads or not; remembered for a minute after that.
   * It ends with the session, and with the engine. Throws `name_taken` for an id that is known.
   */
  start(sessionId: string, request: TerminalRequestInput): Promise<TerminalView>;
  /** Those that are open or remembered, the oldest first. */
  list(sessionId: string): TerminalView[];
  /** Throws `terminal_not_found`, here and in all that follow. */
  get(sessionId: string, id: string): TerminalView;
  /** The last 64 KiB of what it showed, then what follows live, until it ends. Any number may look on; one that is slow loses nothing but time. */
  attach(sessionId: string, id: string, options?: Waiting): AsyncGenerator<Uint8Array, void, void>;
  /** What is written to one that has ended is lost. */
  write(sessionId: string, id: string, data: Uint8Array): Promise<void>;
  resize(sessionId: string, id: string, size: TerminalSize): Promise<TerminalView>;
  /** To its program and all that comes from it. No error when it has ended already. */
  signal(sessionId: string, id: string, signal: number): Promise<void>;
  /** Resolves with its exit code when it has ended and all its output was taken in. */
  wait(sessionId: string, id: string, options?: Waiting): Promise<number>;
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
  readonly secrets: Secrets;
  readonly templates: Templates;
  /**
   * What a session used, in order of time, of a while (milliseconds since the epoch, both included): a sample from its
   * start, one from its end, and those that were taken because somebody asked, as this call does of one that runs.
   * Those that an engine before took are forgotten. Throws `session_not_found`.
   */
  metrics(sessionId: string, range?: { from?: number; to?: number }): Promise<UsageSample[]>;
  /** Whether anything runs that an idle exit would cut off from its timeouts. */
  isBusy(): boolean;
}

import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import type { Server } from "node:net";
import { join } from "node:path";
import type { NetworkPolicy } from "../../../contract/network-policy.ts";
import type { EgressSecret } from "../../../engine/secrets/egress-secret.ts";
import type { Usage } from "../../../contract/usage.ts";
import type {
  Json,
  Process,
  ProcessSpec,
  Root,
  Terminal,
  TerminalSpec,
} from "../../../engine/ports.ts";
import type { RootFiles } from "../../../engine/root-files.ts";
import { MadeOnce } from "../../../std/made-once.ts";
import { adoptedExit } from "../adopted-exit.ts";
import { freezeTree, thawTree } from "../freeze-tree.ts";
import type { MetadataProcess } from "../file-metadata.ts";
import { removeTree } from "../file-tree.ts";
import { findTree, type ProcessTree } from "../process-tree.ts";
import { openPseudoTerminal, TERMINAL_NAME } from "../pseudo-terminal.ts";
import { RecordedProcess, RecorderHandle } from "../recorded-process.ts";
import { Recorders } from "../recorders.ts";
import { endedCpuMs } from "../session-times.ts";
import type { StateFolders } from "../state-folders.ts";
import { commandIdentity } from "./commands/command-identity.ts";
import { enterSession } from "./commands/enter-session.ts";
import { terminalArguments, wayToTerminal } from "./commands/entered-script.ts";
import { findProgram, requireDirectory } from "./commands/find-program.ts";
import { type SessionCommand, sessionLauncher } from "./commands/session-launcher.ts";
import { commandVariables, sessionVariables } from "./commands/session-variables.ts";
import type { MakerProcess } from "./files/file-maker.ts";
import { type HeldRoot, sessionRoot } from "./files/held-root.ts";
import { sessionFiles } from "./files/session-files.ts";
import type { SessionTree } from "./files/session-tree.ts";
import type { IdMap } from "./machine/id-map.ts";
import type { SessionNetwork } from "./network/session-network.ts";
import type { SessionLimits } from "./limits/limiter.ts";
import { startToldOfMemory } from "./limits/out-of-memory.ts";
import type { Layers } from "./roots/layers.ts";
import { freeBytes } from "../free-bytes.ts";
import { copyRoot } from "./roots/copy-root.ts";
import { measureDisk } from "./roots/measure-disk.ts";
import type { RootRecord } from "./roots/root-record.ts";
import { canBeEntered, haltSession } from "./session/halt-session.ts";
import { HOST_ENVIRONMENT } from "./session/session-programs.ts";
import type { SessionInit } from "./session/raise-session.ts";

export interface NamespacesRootOptions {
  folders: StateFolders;
  layers: Layers;
  /** The root's folder below `roots`. */
  folder: string;
  record: RootRecord;
  init: SessionInit;
  ids: IdMap;
  network: SessionNetwork;
  maker: MakerProcess;
  metadata: MetadataProcess;
  limits: SessionLimits;
  nodeDirectory?: string | undefined;
  /** Called once when the root is consumed. */
  ended: () => void;
}

/** A session in namespaces of its own. */
export class NamespacesRoot implements Root {
  readonly handle: Json;
  readonly files: RootFiles;
  readonly #options: NamespacesRootOptions;
  readonly #directory: string;
  readonly #fileRoot: HeldRoot;
  readonly #tree: SessionTree;
  readonly #variables: Readonly<Record<string, string>>;
  readonly #launcher: ReturnType<typeof sessionLauncher>;
  readonly #recorders: Recorders<SessionCommand>;
  readonly #halted = new MadeOnce((graceMs: number) => this.#halt(graceMs));

  constructor(options: NamespacesRootOptions) {
    const { folders, folder, record, init, ids } = options;
    const { sessionId } = record;
    this.#options = options;
    this.#directory = folders.root(folder);
    this.handle = { folder, sessionId };
    this.#fileRoot = sessionRoot(init);
    const { tree, files } = sessionFiles({ ...options, root: this.#fileRoot, user: record.user });
    this.#tree = tree;
    this.files = files;
    this.#variables = sessionVariables({ ...record, ...options });
    this.#launcher = sessionLauncher({
      sessionId,
      init: init.pid,
      ids,
      env: this.#variables,
      times: this.#path("times"),
      limits: options.limits,
      waitingDirectory: this.#path("waiting"),
    });
    this.#recorders = new Recorders(this.#launcher);
  }

  /** Makes the first command as quick as the others. */
  warmUp(): void {
    this.#fileRoot.hold();
    this.#recorders.warmUp();
  }

  /** Leaves alone what runs, which keeps this process alive no longer. */
  letGo(): void {
    this.#recorders.close();
    this.#fileRoot[Symbol.dispose]();
  }

  get isAlive(): boolean {
    return canBeEntered(this.#options.init);
  }

  async start(spec: ProcessSpec): Promise<Process> {
    const { commandId, stdin, directory, logsReady } = spec;
    const command = { ...this.#launch(spec, commandId), stdin, directory, logsReady };
    return startToldOfMemory(this.#options.limits, () => this.#recorders.start(command));
  }

  async adoptProcess(
    handle: Json,
    { directory }: { directory: string },
  ): Promise<Process | undefined> {
    const parsed = RecorderHandle.safeParse(handle);
    if (!parsed.success) return undefined;
    const { sessionId } = this.#options.record;
    const { chain } = this.#launcher;
    const exited = adoptedExit(parsed.data, { directory, sessionId });
    this.#recorders.add(parsed.data, exited);
    return new RecordedProcess({
      sessionId,
      handle: parsed.data,
      exited,
      started: true,
      ...(chain && { chain }),
    });
  }

  async openTerminal({ columns, rows, ...spec }: TerminalSpec): Promise<Terminal> {
    const { record, init, ids, limits } = this.#options;
    const commandId = `terminal-${randomUUID()}`;
    const command = this.#launch({ ...spec, cwd: spec.cwd ?? record.cwd }, commandId);
    const enter = enterSession(init.pid, { ids, identity: command.identity, terminal: true });
    const outer = { sessionId: record.sessionId, init: init.pid, times: "", limits, enter };
    const name = command.env["TERM"] ?? TERMINAL_NAME;
    return openPseudoTerminal({
      program: {
        file: "/bin/sh",
        args: terminalArguments(outer, { ...command, env: { TERM: name, ...command.env } }),
        cwd: "/",
        env: HOST_ENVIRONMENT,
      },
      marks: command,
      name,
      columns,
      rows,
      wayTo: wayToTerminal,
    });
  }

  forward({ port, server }: { port: number; hostPort: number; server: Server }): AsyncDisposable {
    const { network, record } = this.#options;
    return network.forward({ port, sandboxName: record.sandboxName, server });
  }

  async applyNetworkPolicy(
    policy: NetworkPolicy,
    secrets: readonly EgressSecret[] = [],
  ): Promise<void> {
    await this.#options.network.apply(policy, { secrets });
  }

  async usage({ disk = false }: { disk?: boolean } = {}): Promise<Usage> {
    const { limits, network } = this.#options;
    const { cpuMs, ...memory } = await limits.usage();
    return {
      ...memory,
      cpuMs: cpuMs ?? (await this.#sumCpuMs()),
      ...(await network.traffic()),
      ...(disk && {
        diskBytes: await measureDisk(this.#path("upper")),
        diskFreeBytes: await freeBytes(this.#path("upper")),
      }),
    };
  }

  async freeze(): Promise<void> {
    const { freezer } = this.#options.limits;
    if (freezer) await freezer.freeze();
    else await freezeTree(() => this.#processes(), this.#path("frozen.json"));
  }

  async thaw(): Promise<void> {
    this.#options.limits.freezer?.thaw();
    await thawTree(() => this.#processes(), this.#path("frozen.json"));
  }

  halt({ graceMs }: { graceMs: number }): Promise<void> {
    return this.#halted.get(graceMs);
  }

  async capture(snapshotId: string): Promise<{ sizeBytes: number }> {
    const { folder, layers, ended } = this.#options;
    this.#fileRoot[Symbol.dispose]();
    const ownBytes = await measureDisk(this.#path("upper"));
    // All that is not a layer's.
    for (const name of ["work", "drives", "fstab", "times"]) await removeTree(this.#path(name));
    await layers.add(snapshotId, { folder, ownBytes });
    ended();
    return { sizeBytes: layers.sizeOf(snapshotId) ?? ownBytes };
  }

  copy(snapshotId: string): Promise<{ sizeBytes: number }> {
    return copyRoot(snapshotId, this.#options);
  }

  async remove(): Promise<void> {
    const { folders, folder, layers, ended } = this.#options;
    this.#fileRoot[Symbol.dispose]();
    await folders.discard(this.#directory);
    await layers.release(folder);
    ended();
  }

  // Where nothing counts: exact for what ended under a recorder and for what runs.
  async #sumCpuMs(): Promise<number> {
    const { record, init } = this.#options;
    const ended = await readFile(this.#path("times"), "latin1").catch(() => ""); // Nothing has ended yet.
    const recorders = new Set([init.pid, ...this.#recorders.pids]);
    const running = findTree({ sessionId: record.sessionId, recorders });
    return endedCpuMs(ended) + running.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
  }

  async #halt(graceMs: number): Promise<void> {
    const { record, init, network, limits } = this.#options;
    // What is frozen would neither hear that it has to end, nor with some kernels end.
    limits.freezer?.thaw();
    const session = { sessionId: record.sessionId, init, recorders: this.#recorders };
    await haltSession(session, { graceMs });
    await network[Symbol.asyncDispose]();
    await limits.remove();
    await removeTree(this.#path("waiting"));
    await rm(this.#path("frozen.json"), { force: true });
  }

  /** All that may run what the sandbox brought, and what leads there. */
  #processes(): ProcessTree {
    const { record, init } = this.#options;
    const recorders = new Set([init.pid, ...this.#recorders.pids]);
    return { sessionId: record.sessionId, recorders, since: init.startTime };
  }

  #launch(
    spec: Pick<ProcessSpec, "cmd" | "args" | "env" | "cwd" | "sudo" | "user">,
    commandId: string,
  ): Omit<SessionCommand, "directory"> {
    const { record, ids, nodeDirectory } = this.#options;
    const { identity, variables } = commandIdentity(spec, {
      own: record.user,
      tree: this.#tree,
      ids,
      nodeDirectory,
    });
    const { cwd } = spec;
    requireDirectory(this.#tree, cwd, identity);
    const env = commandVariables(this.#variables, { env: spec.env, commandId, variables });
    const program = findProgram(this.#tree, spec.cmd, { path: env["PATH"] ?? "", cwd, identity });
    return {
      sessionId: record.sessionId,
      commandId,
      identity,
      // A name that looks like an option must not be taken for one of `exec`.
      cmd: spec.cmd.startsWith("-") ? program : spec.cmd,
      args: spec.args,
      env,
      cwd,
      stdin: false,
    };
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }
}

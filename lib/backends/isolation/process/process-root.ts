import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { SandboxError } from "../../../contract/errors.ts";
import { SANDBOX_USERS, SandboxUser } from "../../../contract/sandbox-user.ts";
import type { NetworkPolicy } from "../../../contract/network-policy.ts";
import type { Usage } from "../../../contract/usage.ts";
import type { Server } from "node:net";
import type {
  Json,
  Log,
  Process,
  ProcessSpec,
  Root,
  Terminal,
  TerminalSpec,
} from "../../../engine/ports.ts";
import type { RootFiles } from "../../../engine/root-files.ts";
import { adoptedExit } from "../adopted-exit.ts";
import { confinedFileTree } from "../confined-directories.ts";
import { ConfinedFiles } from "../confined-files.ts";
import type { MetadataProcess } from "../file-metadata.ts";
import { measureTree, removeTree, settleTree } from "../file-tree.ts";
import { copyTree } from "../copy-tree.ts";
import { freezeTree, thawTree } from "../freeze-tree.ts";
import { haltTree } from "../halt-tree.ts";
import { PortForwarder } from "../port-forwarder.ts";
import { freeBytes } from "../free-bytes.ts";
import { residentBytesOf } from "../process-table.ts";
import { findTree } from "../process-tree.ts";
import { openPseudoTerminal, TERMINAL_NAME } from "../pseudo-terminal.ts";
import { RecordedProcess, RecorderHandle } from "../recorded-process.ts";
import { markedArguments, shellVariables } from "../recorder-script.ts";
import { Recorders } from "../recorders.ts";
import { endedCpuMs } from "../session-times.ts";
import { type StateFolders, writeRecord } from "../state-folders.ts";
import { type LaunchSpec, prepareLaunch } from "./command-launch.ts";
import type { RootRecord } from "./folder-records.ts";
import { rootPathMap } from "./make-root.ts";
import { unmountDrives } from "./mounted-drives.ts";
import type { PathMap } from "./path-map.ts";
import { type PlainCommand, plainLauncher } from "./plain-launcher.ts";
import { sessionEnvironment } from "./session-environment.ts";
import { chooseBackendPort, SessionPorts } from "./session-ports.ts";

export interface ProcessRootOptions {
  folders: StateFolders;
  /** The root's folder below `roots`. */
  folder: string;
  record: RootRecord;
  baseEnv: Readonly<Record<string, string>>;
  log?: Log;
  metadata: MetadataProcess;
  /** Called once when the root is consumed. */
  ended: () => void;
}

/** A directory that stands for a sandbox's `/`, and the processes that were started in it. */
export class ProcessRoot implements Root {
  /** Commands need nothing but the machine. */
  readonly isAlive = true;
  readonly handle: Json;
  readonly files: RootFiles;
  readonly #options: ProcessRootOptions;
  readonly #record: RootRecord;
  readonly #map: PathMap;
  readonly #env: Record<string, string>;
  readonly #recorders: Recorders<PlainCommand>;
  readonly #ports: SessionPorts;
  readonly #times: string;
  readonly #frozen: string;

  constructor(options: ProcessRootOptions) {
    const { folders, folder, record } = options;
    const directory = folders.root(folder);
    this.#options = options;
    this.#record = record;
    this.handle = { folder, sessionId: record.sessionId };
    this.#times = join(directory, "times");
    this.#frozen = join(directory, "frozen.json");
    this.#map = rootPathMap(folders, join(directory, "files"), record);
    this.files = new ConfinedFiles({ user: confinedFileTree(this.#map) }, options.metadata);
    this.#env = this.#environment(record.home);
    this.#recorders = new Recorders(
      plainLauncher({
        sessionId: record.sessionId,
        directory: this.#map.hostRoot,
        env: this.#env,
      }),
    );
    this.#ports = new SessionPorts({
      backendPorts: record.backendPorts,
      pids: () => findTree(this.#tree()).map(({ pid }) => pid),
    });
  }

  /** Makes the first command as quick as the others. */
  warmUp(): void {
    this.#recorders.warmUp();
  }

  /** Leaves alone what runs, which keeps this process alive no longer. */
  letGo(): void {
    this.#recorders.close();
  }

  async start(spec: ProcessSpec): Promise<Process> {
    return this.#recorders.start({
      ...(await this.#launch(spec, spec.commandId)),
      stdin: spec.stdin,
      directory: spec.directory,
      logsReady: spec.logsReady,
      times: this.#times,
    });
  }

  async adoptProcess(
    handle: Json,
    { directory }: { directory: string },
  ): Promise<Process | undefined> {
    const parsed = RecorderHandle.safeParse(handle);
    if (!parsed.success) return undefined;
    const { sessionId } = this.#record;
    const exited = adoptedExit(parsed.data, { directory, sessionId });
    this.#recorders.add(parsed.data, exited);
    return new RecordedProcess({ sessionId, handle: parsed.data, exited, started: true });
  }

  async openTerminal({ columns, rows, cwd, ...spec }: TerminalSpec): Promise<Terminal> {
    const launch = { ...spec, cwd: cwd ?? this.#record.cwd };
    const command = await this.#launch(launch, `terminal-${randomUUID()}`);
    return openPseudoTerminal({
      program: {
        file: "/bin/sh",
        args: markedArguments(command),
        cwd: command.cwd,
        env: shellVariables(command.env),
      },
      marks: command,
      name: command.env["TERM"] ?? TERMINAL_NAME,
      columns,
      rows,
    });
  }

  forward({ port, server }: { port: number; hostPort: number; server: Server }): AsyncDisposable {
    if (!this.#ports.has(port)) void this.#addPort(port);
    const { sandboxName } = this.#record;
    return new PortForwarder({ port, sandboxName, server, dial: () => this.#ports.dial(port) });
  }

  async applyNetworkPolicy(policy: NetworkPolicy): Promise<void> {
    if (policy.mode === "allow-all") return;
    this.#options.log?.warn("network policy is recorded but not enforced by process isolation", {
      sandbox: this.#record.sandboxName,
      mode: policy.mode,
    });
  }

  /**
   * The processor time is exact for what ended under a recorder and for what runs; that of a process
   * which cut itself loose and ended is not known.
   */
  async usage({ disk = false }: { disk?: boolean } = {}): Promise<Usage> {
    const ended = await readFile(this.#times, "latin1").catch(() => ""); // Nothing has ended yet.
    const tree = findTree(this.#tree());
    const running = tree.reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    const resident = tree.map(({ pid }) => residentBytesOf(pid) ?? 0);
    const { hostRoot } = this.#map;
    return {
      cpuMs: endedCpuMs(ended) + running,
      ...(process.platform === "linux" && {
        memoryBytes: resident.reduce((sum, bytes) => sum + bytes, 0),
      }),
      ...(disk && {
        diskBytes: await measureTree(hostRoot),
        diskFreeBytes: await freeBytes(hostRoot),
      }),
    };
  }

  async freeze(): Promise<void> {
    await freezeTree(() => this.#tree(), this.#frozen);
  }

  async thaw(): Promise<void> {
    await thawTree(() => this.#tree(), this.#frozen);
  }

  async halt({ graceMs }: { graceMs: number }): Promise<void> {
    await haltTree({ sessionId: this.#record.sessionId, recorders: this.#recorders }, { graceMs });
    await rm(this.#frozen, { force: true });
  }

  async capture(snapshotId: string): Promise<{ sizeBytes: number }> {
    const { folders, folder, ended } = this.#options;
    const made = await this.#settle(folders.root(folder), snapshotId);
    ended();
    return made;
  }

  async copy(snapshotId: string): Promise<{ sizeBytes: number }> {
    const { folders, folder } = this.#options;
    const making = folders.temporary();
    try {
      await copyTree(folders.root(folder), making);
      await rm(join(making, "frozen.json"), { force: true });
      return await this.#settle(making, snapshotId);
    } catch (error) {
      await removeTree(making);
      throw error;
    }
  }

  /** Makes a root's folder, in which nothing runs, a snapshot. */
  async #settle(root: string, snapshotId: string): Promise<{ sizeBytes: number }> {
    const { folders } = this.#options;
    await unmountDrives({ folders, root }, this.#record.mounts);
    const report = await settleTree(join(root, "files"));
    await writeRecord(join(root, "snapshot.json"), report);
    await folders.placeSnapshot(root, snapshotId);
    return { sizeBytes: report.sizeBytes };
  }

  async remove(): Promise<void> {
    const { folders, folder, ended } = this.#options;
    await folders.discard(folders.root(folder));
    ended();
  }

  #tree() {
    return { sessionId: this.#record.sessionId, recorders: this.#recorders.pids };
  }

  async #launch(spec: LaunchSpec, commandId: string) {
    const isNobody = spec.user !== undefined && !SandboxUser.safeParse(spec.user).success;
    if (spec.sudo || isNobody) {
      throw new SandboxError(
        "unsupported",
        `${spec.sudo ? "`sudo`" : `The user ${spec.user}`} needs users of the sandbox's own, which ` +
          "`process` isolation does not have: commands run as the user of this machine who runs the engine.",
      );
    }
    return prepareLaunch(spec, {
      commandId,
      sessionId: this.#record.sessionId,
      map: this.#map,
      env: this.#environmentFor(spec.user),
      ports: this.#ports.variables(),
    });
  }

  /** By another of the default user's names the home is another; nothing else is. */
  #environmentFor(user: string | undefined): Record<string, string> {
    const named = SandboxUser.safeParse(user);
    return named.success ? this.#environment(SANDBOX_USERS[named.data].home) : this.#env;
  }

  #environment(home: string): Record<string, string> {
    return sessionEnvironment({
      sessionId: this.#record.sessionId,
      baseEnv: this.#options.baseEnv,
      home: this.#map.toHost(home),
      temporary: this.#map.toHost("/tmp"),
    });
  }

  // A port that was exposed in the middle of the session: commands from now on are told of it.
  async #addPort(port: number): Promise<void> {
    const { folders, folder, log } = this.#options;
    try {
      this.#ports.add(port, await chooseBackendPort());
      this.#record.backendPorts = this.#ports.entries();
      await writeRecord(join(folders.root(folder), "root.json"), this.#record);
    } catch (error) {
      log?.warn("no port could be set apart for a newly exposed one", {
        sandbox: this.#record.sandboxName,
        port,
        reason: String(error),
      });
    }
  }
}

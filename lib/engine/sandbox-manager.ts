import { DEFAULTS } from "../contract/defaults.ts";
import { SandboxError } from "../contract/errors.ts";
import { LIMITS } from "../contract/limits.ts";
import type { Page } from "../contract/page.ts";
import {
  CreateSandboxRequest,
  type CreateSandboxRequestInput,
  ForkSandboxRequest,
  type Sandbox,
  UpdateSandboxRequest,
} from "../contract/sandbox.ts";
import type { KeyedMutex } from "../std/keyed-mutex.ts";
import { randomText } from "../std/ids.ts";
import { withoutUndefined } from "../std/without-undefined.ts";
import type { SandboxListRequest, Sandboxes, SandboxView, Waiting } from "./engine.ts";
import { parseRequest } from "./parse-request.ts";
import type { Clock, Store } from "./ports.ts";
import type { PortRoutes } from "./port-routes.ts";
import type { RunningSessions } from "./running-sessions.ts";
import { hasEnded, type SessionLifecycle, type StartRequest } from "./session-lifecycle.ts";
import { requireTimeout, type SessionManager } from "./session-manager.ts";
import type { SnapshotKeeper } from "./snapshot-keeper.ts";

/** What is left of a sandbox's commands goes with it. */
interface CommandRecords {
  forgetSession(sessionId: string): Promise<void>;
}

export interface SandboxManagerOptions {
  store: Store;
  clock: Clock;
  mutex: KeyedMutex;
  running: RunningSessions;
  lifecycle: SessionLifecycle;
  sessions: SessionManager;
  snapshots: SnapshotKeeper;
  commands: CommandRecords;
  ports: PortRoutes;
}

/** Owns every transition of a sandbox: one at a time per name, each durable before it is answered. */
export class SandboxManager implements Sandboxes {
  readonly #options: SandboxManagerOptions;

  constructor(options: SandboxManagerOptions) {
    this.#options = options;
  }

  async create(input: CreateSandboxRequestInput, options: Waiting = {}): Promise<SandboxView> {
    const { name, source, ...settings } = withoutUndefined(
      parseRequest(CreateSandboxRequest, input, "sandbox"),
    );
    requireTimeout(settings.timeoutMs);
    const fromSnapshot = source?.type === "snapshot" ? source.snapshotId : undefined;
    return this.#startNew(
      {
        ...settings,
        name: name ?? newName(),
        memoryMb: settings.vcpus * LIMITS.memoryMbPerVcpu,
        ...(fromSnapshot !== undefined && { currentSnapshotId: fromSnapshot }),
      },
      { ...options, ...(source && source.type !== "snapshot" && { source }) },
    );
  }

  async fork(
    sourceName: string,
    input: ForkSandboxRequest,
    options: Waiting = {},
  ): Promise<SandboxView> {
    const { name, ...changes } = withoutUndefined(
      parseRequest(ForkSandboxRequest, input, "sandbox"),
    );
    const source = this.#require(sourceName);
    const vcpus = changes.vcpus ?? source.vcpus;
    const timeoutMs = changes.timeoutMs ?? source.timeoutMs;
    requireTimeout(timeoutMs);
    // A drive has one writer: a copy does not mount what its source mounts.
    const {
      mounts: _mounts,
      totals: _totals,
      hostPorts: _ports,
      deleting: _deleting,
      ...copied
    } = source;
    return this.#startNew(
      {
        ...copied,
        ...changes,
        name: name ?? newName(),
        vcpus,
        timeoutMs,
        memoryMb: vcpus * LIMITS.memoryMbPerVcpu,
      },
      options,
    );
  }

  async get(
    name: string,
    { resume = false, signal }: Waiting & { resume?: boolean } = {},
  ): Promise<SandboxView & { resumed: boolean }> {
    if (!resume) return { ...this.#view(this.#require(name)), resumed: false };
    this.#require(name);
    return this.#options.mutex.run(name, async () => {
      const { session } = this.#view(this.#require(name));
      if (session.status === "running") {
        return { ...this.#view(this.#require(name)), resumed: false };
      }
      // One that could not be ended before is ended now, so that nothing it wrote is lost.
      if (!hasEnded(session)) await this.#options.sessions.endUnlocked(session.id);
      const view = await this.#start(this.#require(name), signal ? { signal } : {});
      return { ...view, resumed: true };
    });
  }

  list({ sortBy, namePrefix, tag, status, ...page }: SandboxListRequest): Page<Sandbox> {
    return this.#options.store.sandboxes.page({
      ...page,
      sortBy: sortBy ?? "createdAt",
      ...(namePrefix !== undefined && { namePrefix }),
      ...(tag && { tag }),
      ...(status !== undefined && { equals: { status } }),
    });
  }

  async update(name: string, input: UpdateSandboxRequest): Promise<SandboxView> {
    const changes = parseRequest(UpdateSandboxRequest, input, "sandbox");
    if (changes.timeoutMs !== undefined) requireTimeout(changes.timeoutMs);
    this.#require(name);
    return this.#options.mutex.run(name, async () => {
      const { store, ports, running, snapshots, clock } = this.#options;
      const before = this.#require(name);
      if (changes.currentSnapshotId !== undefined) {
        snapshots.requireUsable(changes.currentSnapshotId);
      }
      const hostPorts = changes.ports
        ? await ports.open(name, changes.ports, before.hostPorts)
        : before.hostPorts;
      const updated: Sandbox = {
        ...applyChanges(before, changes),
        hostPorts,
        updatedAt: clock.now(),
      };
      store.sandboxes.put(updated);
      const root = running.rootOf(updated.currentSessionId);
      if (changes.ports && root) ports.connect(name, root);
      await snapshots.retire(updated);
      return this.#view(updated);
    });
  }

  async delete(
    name: string,
    { deleteOrphanSnapshots = false }: { deleteOrphanSnapshots?: boolean } = {},
  ): Promise<SandboxView> {
    this.#require(name);
    return this.#options.mutex.run(name, async () => {
      const { store, sessions, snapshots, clock } = this.#options;
      const view = this.#view(this.#require(name));
      // Marked first: from here on, a restart finishes the deletion.
      store.sandboxes.put({ ...view.sandbox, deleting: true });
      await sessions.endUnlocked(view.session.id, { capture: "none" });
      if (deleteOrphanSnapshots) await snapshots.deleteOrphans(name);
      await this.finishDeletion(name);
      const now = clock.now();
      return {
        sandbox: { ...view.sandbox, status: "stopped", statusUpdatedAt: now, updatedAt: now },
        session: view.session,
        routes: [],
      };
    });
  }

  /** Deletes what is left of a sandbox whose session has ended. Callers hold its lock. */
  async finishDeletion(name: string): Promise<void> {
    const { store, commands, ports } = this.#options;
    await ports.close(name);
    const sessions = store.sessions.all({ equals: { sandboxName: name } });
    for (const session of sessions) await commands.forgetSession(session.id);
    store.transaction(() => {
      for (const session of sessions) store.sessions.delete(session.id);
      store.sandboxes.delete(name);
    });
  }

  #require(name: string): Sandbox {
    const sandbox = this.#options.store.sandboxes.get(name);
    if (sandbox && !sandbox.deleting) return sandbox;
    throw new SandboxError("sandbox_not_found", `There is no sandbox named ${name}.`);
  }

  #view(sandbox: Sandbox): SandboxView {
    const session = this.#options.running.known(sandbox.currentSessionId);
    return { sandbox, session, routes: this.#options.ports.routes(sandbox) };
  }

  async #startNew(
    settings: Omit<
      StartRequest["sandbox"],
      "createdAt" | "updatedAt" | "cwd" | "totals" | "hostPorts"
    >,
    options: Waiting & Pick<StartRequest, "source">,
  ): Promise<SandboxView> {
    const { store, mutex, running, ports, clock } = this.#options;
    const { name } = settings;
    return mutex.run(name, async () => {
      if (store.sandboxes.get(name)) {
        throw new SandboxError(
          "name_taken",
          `A sandbox named ${name} exists already; get it, delete it, or choose another name.`,
        );
      }
      if (running.size >= LIMITS.sandboxes) {
        throw new SandboxError(
          "too_many_sandboxes",
          `${LIMITS.sandboxes} sandboxes are running, which is the limit; stop some first.`,
        );
      }
      const now = clock.now();
      const totals = { activeCpuMs: 0, ingressBytes: 0, egressBytes: 0, durationMs: 0 };
      const sandbox = { ...settings, createdAt: now, updatedAt: now, cwd: DEFAULTS.cwd, totals };
      try {
        return await this.#start(sandbox, options);
      } catch (error) {
        await ports.close(name);
        throw error;
      }
    });
  }

  async #start(
    sandbox: StartRequest["sandbox"],
    options: Waiting & Pick<StartRequest, "source">,
  ): Promise<SandboxView> {
    const { lifecycle, sessions, snapshots } = this.#options;
    const snapshotId = sandbox.currentSnapshotId;
    const snapshot = snapshotId === undefined ? undefined : snapshots.requireUsable(snapshotId);
    const started = await lifecycle.start({ ...options, sandbox, ...(snapshot && { snapshot }) });
    sessions.watch(started.session);
    return this.#view(started.sandbox);
  }
}

function newName(): string {
  return `sandbox-${randomText(10)}`;
}

function applyChanges(before: Sandbox, changes: UpdateSandboxRequest): Sandbox {
  const { networkId, keepLastSnapshots, vcpus, ...given } = withoutUndefined(changes);
  const updated: Sandbox = {
    ...before,
    ...given,
    ...(vcpus !== undefined && { vcpus, memoryMb: vcpus * LIMITS.memoryMbPerVcpu }),
    ...(networkId != null && { networkId }),
    ...(keepLastSnapshots != null && { keepLastSnapshots }),
  };
  if (networkId === null) delete updated.networkId;
  if (keepLastSnapshots === null) delete updated.keepLastSnapshots;
  return updated;
}

import { SandboxError } from "../contract/errors.ts";
import { LIMITS } from "../contract/limits.ts";
import type { Page } from "../contract/page.ts";
import {
  type CreateSandboxRequestInput,
  ForkSandboxRequest,
  type Sandbox,
  TimeoutMs,
  UpdateSandboxRequest,
} from "../contract/sandbox.ts";
import type { KeyedMutex } from "../std/keyed-mutex.ts";
import { randomText } from "../std/ids.ts";
import { withoutUndefined } from "../std/without-undefined.ts";
import { newSandbox, newSandboxName, type NewSandbox } from "./new-sandbox.ts";
import { applyChanges, forkedSettings } from "./sandbox-changes.ts";
import type {
  ResumeOptions,
  SandboxListRequest,
  Sandboxes,
  SandboxView,
  Waiting,
} from "./engine.ts";
import { parseRequest } from "./parse-request.ts";
import type { Clock, Store } from "./ports.ts";
import type { PortRoutes } from "./port-routes.ts";
import type { RunningSessions } from "./sessions/running-sessions.ts";
import type { SandboxLife } from "./sandbox-life.ts";
import {
  hasEnded,
  type SessionLifecycle,
  type StartRequest,
} from "./sessions/session-lifecycle.ts";
import { requireTimeout, type SessionManager } from "./sessions/session-manager.ts";
import type { SecretEgress } from "./secrets/secret-egress.ts";
import type { SnapshotKeeper } from "./snapshot-keeper.ts";
import type { TemplateLauncher } from "./templates/template-launcher.ts";
import type { TemplateRecords } from "./templates/template-records.ts";

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
  life: SandboxLife;
  snapshots: SnapshotKeeper;
  commands: CommandRecords;
  ports: PortRoutes;
  egress: SecretEgress;
  templates: TemplateRecords;
  launcher: TemplateLauncher;
}

/** So many of so few characters never meet. */
const ID_LENGTH = 20;

/** Owns every transition of a sandbox: one at a time per name, each durable before it is answered. */
export class SandboxManager implements Sandboxes {
  readonly #options: SandboxManagerOptions;

  constructor(options: SandboxManagerOptions) {
    this.#options = options;
  }

  async create(input: CreateSandboxRequestInput, options: Waiting = {}): Promise<SandboxView> {
    const { templates } = this.#options;
    const { sandbox, source } = newSandbox(input, templates);
    requireTimeout(sandbox.timeoutMs);
    const view = await this.#startNew(sandbox, { ...options, ...(source && { source }) });
    if (sandbox.template) templates.spawned(sandbox.template.templateId);
    return view;
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
    const settings = forkedSettings(source, changes);
    requireTimeout(settings.timeoutMs);
    return this.#startNew({ ...settings, name: name ?? newSandboxName() }, options);
  }

  async get(
    name: string,
    { resume = false, memory = true, timeoutMs, signal }: Waiting & ResumeOptions = {},
  ): Promise<SandboxView & { resumed: boolean }> {
    if (timeoutMs !== undefined) {
      parseRequest(TimeoutMs, timeoutMs, "timeoutMs");
      requireTimeout(timeoutMs);
    }
    if (!resume) return { ...this.#view(this.#require(name)), resumed: false };
    this.#require(name);
    return this.#options.mutex.run(name, async () => {
      const { sessions } = this.#options;
      const current = this.#view(this.#require(name));
      const { session, sandbox } = current;
      if (session.status === "running") return { ...current, resumed: false };
      if (session.status === "paused") {
        const life = { memory, timeoutMs: timeoutMs ?? sandbox.timeoutMs };
        const thawed = await sessions.thawUnlocked(session, life);
        if (thawed) return { ...this.#view(this.#require(name)), resumed: true };
      } else if (!hasEnded(session)) {
        // One that could not be ended before is ended now, so that nothing it wrote is lost.
        await sessions.endUnlocked(session.id);
      }
      const view = await this.#start(this.#require(name), {
        ...(signal && { signal }),
        ...(timeoutMs !== undefined && { timeoutMs }),
      });
      const { sandbox: resumed, session: begun } = view;
      await this.#options.launcher.relaunch({ sandbox: resumed, sessionId: begun.id });
      return { ...view, resumed: true };
    });
  }

  async byId(id: string): Promise<SandboxView> {
    const [sandbox] = this.#options.store.sandboxes.all({ equals: { id } });
    if (sandbox && !sandbox.deleting) return this.#view(sandbox);
    throw new SandboxError("sandbox_not_found", `There is no sandbox with the id ${id}.`);
  }

  list({ sortBy, namePrefix, tags, statuses, ...page }: SandboxListRequest): Page<Sandbox> {
    return this.#options.store.sandboxes.page({
      ...page,
      sortBy: sortBy ?? "createdAt",
      ...(namePrefix !== undefined && { namePrefix }),
      ...(tags && { tags }),
      ...(statuses && statuses.length > 0 && { oneOf: { status: statuses } }),
    });
  }

  async update(name: string, input: UpdateSandboxRequest): Promise<SandboxView> {
    const changes = parseRequest(UpdateSandboxRequest, input, "sandbox");
    if (changes.timeoutMs !== undefined) requireTimeout(changes.timeoutMs);
    this.#require(name);
    return this.#options.mutex.run(name, async () => {
      const { store, ports, running, life, snapshots, egress, clock } = this.#options;
      const before = this.#require(name);
      const { networkPolicy, secrets } = changes;
      if (networkPolicy || secrets) egress.check(applyChanges(before, changes));
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
      if (changes.ports && root && updated.status === "running") {
        ports.connect(name, root, updated.currentSessionId);
      }
      life.follow(name);
      if (secrets && root) await egress.renew(running.known(updated.currentSessionId));
      await snapshots.retire(updated);
      return this.#view(updated);
    });
  }

  async delete(
    name: string,
    { deleteOrphanSnapshots = false }: { deleteOrphanSnapshots?: boolean } = {},
  ): Promise<SandboxView> {
    this.#known(name);
    return this.#options.mutex.run(name, () => this.deleteUnlocked(name, deleteOrphanSnapshots));
  }

  /** For a caller that holds the sandbox's lock. One that could not be deleted before is deleted now. */
  async deleteUnlocked(name: string, deleteOrphanSnapshots = false): Promise<SandboxView> {
    const { store, sessions, snapshots, clock } = this.#options;
    const view = this.#view(this.#known(name));
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
  }

  /** Deletes what is left of a sandbox whose session has ended. Callers hold its lock. */
  async finishDeletion(name: string): Promise<void> {
    const { store, commands, ports, life } = this.#options;
    await ports.close(name);
    const sessions = store.sessions.all({ equals: { sandboxName: name } });
    for (const session of sessions) await commands.forgetSession(session.id);
    store.transaction(() => {
      for (const session of sessions) store.sessions.delete(session.id);
      store.sandboxes.delete(name);
    });
    life.follow(name);
  }

  #require(name: string): Sandbox {
    const sandbox = this.#known(name);
    if (!sandbox.deleting) return sandbox;
    throw noSandbox(name);
  }

  /** Also one that is being deleted, or could not be. */
  #known(name: string): Sandbox {
    const sandbox = this.#options.store.sandboxes.get(name);
    if (sandbox) return sandbox;
    throw noSandbox(name);
  }

  #view(sandbox: Sandbox): SandboxView {
    const session = this.#options.running.known(sandbox.currentSessionId);
    return { sandbox, session, routes: this.#options.ports.routes(sandbox) };
  }

  async #startNew(
    settings: NewSandbox,
    options: Waiting & Pick<StartRequest, "source">,
  ): Promise<SandboxView> {
    const { store, mutex, running, sessions, ports, egress, launcher, clock } = this.#options;
    const { name } = settings;
    egress.check(settings);
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
      const id = randomText(ID_LENGTH);
      const sandbox = { ...settings, id, createdAt: now, updatedAt: now, totals };
      try {
        const view = await this.#start(sandbox, options);
        await launcher.launch({ ...options, sandbox: view.sandbox, sessionId: view.session.id });
        return view;
      } catch (error) {
        await ports.close(name);
        const made = store.sandboxes.get(name);
        if (made) {
          await sessions.endUnlocked(made.currentSessionId, { capture: "none" });
          await this.finishDeletion(name);
        }
        throw error;
      }
    });
  }

  async #start(
    sandbox: StartRequest["sandbox"],
    options: Waiting & Pick<StartRequest, "source" | "timeoutMs">,
  ): Promise<SandboxView> {
    const { lifecycle, life, snapshots } = this.#options;
    const snapshotId = sandbox.currentSnapshotId;
    const snapshot = snapshotId === undefined ? undefined : snapshots.requireUsable(snapshotId);
    const started = await lifecycle.start({ ...options, sandbox, ...(snapshot && { snapshot }) });
    life.follow(started.sandbox.name);
    return this.#view(started.sandbox);
  }
}

function noSandbox(name: string): SandboxError {
  return new SandboxError("sandbox_not_found", `There is no sandbox named ${name}.`);
}

import { SandboxError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { NetworkPolicy } from "../../contract/network-policy.ts";
import type { Page, PageRequest } from "../../contract/page.ts";
import { Port, type Route, type Sandbox, type Session } from "../../contract/sandbox.ts";
import type { Snapshot } from "../../contract/snapshot.ts";
import type { Usage } from "../../contract/usage.ts";
import type { KeyedMutex } from "../../std/keyed-mutex.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import type { Ended } from "./ended-session.ts";
import type { Sessions } from "../engine.ts";
import { parseRequest } from "../parse-request.ts";
import type { Clock, Store } from "../ports.ts";
import type { PortRoutes } from "../port-routes.ts";
import type { RunningSessions } from "./running-sessions.ts";
import type { SecretEgress } from "../secrets/secret-egress.ts";
import type { SandboxLife } from "../sandbox-life.ts";
import { type EndRequest, hasEnded, type SessionLifecycle } from "./session-lifecycle.ts";
import type { SessionPauses } from "./session-pauses.ts";

export interface SessionManagerOptions {
  store: Store;
  clock: Clock;
  /** One task per sandbox at a time; shared with the sandbox manager. */
  mutex: KeyedMutex;
  running: RunningSessions;
  lifecycle: SessionLifecycle;
  egress: SecretEgress;
  pauses: SessionPauses;
  life: SandboxLife;
  ports: PortRoutes;
}

type SnapshotOptions = NonNullable<Parameters<Sessions["snapshot"]>[1]>;

/** Running periods of sandboxes: their life, their end, and what is asked of them meanwhile. */
export class SessionManager implements Sessions {
  readonly #options: SessionManagerOptions;

  constructor(options: SessionManagerOptions) {
    this.#options = options;
  }

  async get(id: string): Promise<{ session: Session; sandbox?: Sandbox; routes: Route[] }> {
    const session = this.#options.running.known(id);
    const sandbox = this.#options.store.sandboxes.get(session.sandboxName);
    if (!sandbox) return { session, routes: [] };
    return { session, sandbox, routes: this.#options.ports.routes(sandbox) };
  }

  list({ sandboxName, ...page }: PageRequest & { sandboxName?: string }): Page<Session> {
    return this.#options.store.sessions.page({
      ...page,
      sortBy: "createdAt",
      ...(sandboxName !== undefined && { equals: { sandboxName } }),
    });
  }

  async stop(id: string): Promise<{ session: Session; sandbox?: Sandbox; snapshot?: Snapshot }> {
    const { sandboxName } = this.#options.running.known(id);
    return this.#options.mutex.run(sandboxName, () => this.endUnlocked(id));
  }

  async snapshot(
    id: string,
    { keepRunning = false, ...options }: SnapshotOptions = {},
  ): Promise<{ snapshot: Snapshot; session: Session }> {
    if (keepRunning) {
      const { sandboxName } = this.#options.running.known(id);
      return this.#options.mutex.run(sandboxName, () => this.#options.pauses.copy(id, options));
    }
    const { session } = await this.#options.running.require(id);
    return this.#options.mutex.run(session.sandboxName, async () => {
      // It may have ended while another task held the lock.
      await this.#options.running.require(id);
      const { method: capture = "manual", ...kept } = options;
      const ended = await this.endUnlocked(id, { capture, ...kept });
      if (ended.snapshot) return { session: ended.session, snapshot: ended.snapshot };
      throw new SandboxError(
        "internal",
        `Session ${id} ended while its snapshot was made, and its files are gone.`,
      );
    });
  }

  async extendTimeout(id: string, durationMs: number): Promise<Session> {
    await this.#options.running.require(id);
    const session = this.#options.running.known(id);
    if (!Number.isInteger(durationMs) || durationMs < LIMITS.extendTimeoutMinMs) {
      throw new SandboxError(
        "invalid_request",
        `duration: a session is extended by whole milliseconds, at least ${LIMITS.extendTimeoutMinMs}; given was ${durationMs}.`,
      );
    }
    const timeoutMs = session.timeoutMs + durationMs;
    requireTimeout(timeoutMs);
    return this.#put({ ...session, timeoutMs });
  }

  async setTimeout(id: string, timeoutMs: number): Promise<Session> {
    await this.#options.running.require(id);
    const session = this.#options.running.known(id);
    if (!Number.isInteger(timeoutMs) || timeoutMs < 0) {
      throw new SandboxError(
        "invalid_request",
        `timeoutMs: a session's life is whole milliseconds from now, at least 0; given were ${timeoutMs}.`,
      );
    }
    requireTimeout(timeoutMs);
    const passed = this.#options.clock.now() - (session.startedAt ?? session.createdAt);
    return this.#put({ ...session, timeoutMs: passed + timeoutMs });
  }

  async touch(id: string): Promise<void> {
    await this.#options.running.require(id);
  }

  async pause(
    id: string,
    options: { memory: boolean },
  ): Promise<{ session: Session; sandbox: Sandbox }> {
    const { sandboxName } = this.#options.running.known(id);
    return this.#options.mutex.run(sandboxName, () => this.pauseUnlocked(id, options));
  }

  async route(id: string, port: number): Promise<Route> {
    const { session } = await this.#options.running.require(id);
    parseRequest(Port, port, "port");
    return this.#options.mutex.run(session.sandboxName, async () => {
      // It may have ended while another task held the lock; while this one does, it cannot.
      const { root } = await this.#options.running.require(id);
      return this.#options.ports.reach(session.sandboxName, port, root);
    });
  }

  async setNetworkPolicy(id: string, policy: NetworkPolicy): Promise<Session> {
    const { running, egress } = this.#options;
    const { sandbox } = await running.require(id);
    const words = { ...sandbox, networkPolicy: policy };
    egress.check(words);
    const record = async () => {
      const { session } = await running.require(id);
      return this.#put({ ...session, networkPolicy: policy });
    };
    return egress.enforce(id, { words, record });
  }

  async usage(id: string, options: { disk?: boolean } = {}): Promise<Usage> {
    const session = this.#options.running.known(id);
    if (hasEnded(session)) return usedBy(session);
    const root = this.#options.running.rootOf(id);
    // Also of one that is paused: whoever looks at it does not use it.
    const isThere = session.status === "running" || session.status === "paused";
    if (root && isThere) return root.usage(options);
    return this.#options.running.look(id).root.usage(options);
  }

  /** Pauses a session for a caller that holds the sandbox's lock. One that is paused stays so. */
  async pauseUnlocked(
    id: string,
    { memory }: { memory: boolean },
  ): Promise<{ session: Session; sandbox: Sandbox }> {
    const { store, running, pauses, life } = this.#options;
    const session = running.known(id);
    const before = store.sandboxes.get(session.sandboxName);
    const isPaused = before?.status === "paused" && before.currentSessionId === id;
    if (isPaused && (memory || hasEnded(session))) return { session, sandbox: before };
    if (!isPaused) running.look(id);
    if (memory) {
      const paused = await pauses.freeze(session);
      life.follow(session.sandboxName);
      return paused;
    }
    const ended = await this.endUnlocked(id, { capture: "automatic", paused: true });
    if (ended.sandbox) return { session: ended.session, sandbox: ended.sandbox };
    throw new SandboxError("sandbox_not_found", `There is no sandbox ${session.sandboxName}.`);
  }

  /**
   * Lets a frozen session go on, for a caller that holds the sandbox's lock; undefined when it cannot: its memory is
   * gone, or not wanted. Then it has ended with its files kept.
   */
  async thawUnlocked(
    session: Session,
    { memory, timeoutMs }: { memory: boolean; timeoutMs: number },
  ): Promise<Session | undefined> {
    const { running, pauses, life } = this.#options;
    if (memory && running.rootOf(session.id)?.isAlive) {
      const thawed = await pauses.thaw(session, { timeoutMs });
      life.follow(session.sandboxName);
      return thawed.session;
    }
    await this.endUnlocked(session.id, { capture: "automatic", paused: true });
    return undefined;
  }

  /** Ends a session for a caller that holds the sandbox's lock. One that has ended stays as it is. */
  async endUnlocked(
    id: string,
    request?: EndRequest,
  ): Promise<Omit<Ended, "sandbox"> & { sandbox?: Sandbox }> {
    const { store, running, lifecycle, life } = this.#options;
    const session = running.known(id);
    const sandbox = store.sandboxes.get(session.sandboxName);
    if (hasEnded(session) || !sandbox) {
      return { session, ...(sandbox && { sandbox: this.#settled(sandbox, id) }) };
    }
    try {
      const wanted = request ?? { capture: sandbox.persistent ? "automatic" : "none" };
      return await lifecycle.end(session, sandbox, wanted);
    } finally {
      life.follow(sandbox.name);
    }
  }

  /** One that was paused on its disk and is stopped now is only that. */
  #settled(sandbox: Sandbox, sessionId: string): Sandbox {
    const { store, clock, life } = this.#options;
    if (sandbox.status !== "paused" || sandbox.currentSessionId !== sessionId) return sandbox;
    const now = clock.now();
    const stopped: Sandbox = {
      ...sandbox,
      status: "stopped",
      statusUpdatedAt: now,
      updatedAt: now,
    };
    store.sandboxes.put(stopped);
    life.follow(sandbox.name);
    return stopped;
  }

  #put(session: Session): Session {
    const updated = { ...session, updatedAt: this.#options.clock.now() };
    this.#options.store.sessions.put(updated);
    this.#options.life.follow(updated.sandboxName);
    return updated;
  }
}

/** Throws `sandbox_timeout_invalid` for a lifetime beyond the limit. */
export function requireTimeout(timeoutMs: number): void {
  if (timeoutMs <= LIMITS.longestTimeoutMs) return;
  throw new SandboxError(
    "sandbox_timeout_invalid",
    `A session may live ${LIMITS.longestTimeoutMs} ms in all (ten years); asked for were ${timeoutMs} ms.`,
  );
}

function usedBy(session: Session): Usage {
  const { activeCpuMs: cpuMs = 0, memoryPeakBytes, diskBytes, ingressBytes, egressBytes } = session;
  return withoutUndefined({ cpuMs, memoryPeakBytes, diskBytes, ingressBytes, egressBytes });
}

import { SandboxError } from "../contract/errors.ts";
import { LIMITS } from "../contract/limits.ts";
import type { NetworkPolicy } from "../contract/network-policy.ts";
import type { Page, PageRequest } from "../contract/page.ts";
import type { Route, Sandbox, Session } from "../contract/sandbox.ts";
import type { Snapshot } from "../contract/snapshot.ts";
import type { Usage } from "../contract/usage.ts";
import type { KeyedMutex } from "../std/keyed-mutex.ts";
import { withoutUndefined } from "../std/without-undefined.ts";
import { Deadlines } from "./deadlines.ts";
import type { Sessions } from "./engine.ts";
import type { Clock, Log, Store } from "./ports.ts";
import type { PortRoutes } from "./port-routes.ts";
import type { RunningSessions } from "./running-sessions.ts";
import {
  type EndRequest,
  type Ended,
  hasEnded,
  type SessionLifecycle,
} from "./session-lifecycle.ts";

export interface SessionManagerOptions {
  store: Store;
  clock: Clock;
  log: Log;
  /** One task per sandbox at a time; shared with the sandbox manager. */
  mutex: KeyedMutex;
  running: RunningSessions;
  lifecycle: SessionLifecycle;
  ports: PortRoutes;
}

/** Running periods of sandboxes: their life, their end, and what is asked of them meanwhile. */
export class SessionManager implements Sessions, Disposable {
  readonly #options: SessionManagerOptions;
  readonly #deadlines: Deadlines;

  constructor(options: SessionManagerOptions) {
    this.#options = options;
    this.#deadlines = new Deadlines({ clock: options.clock });
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
    options: { expirationMs?: number } = {},
  ): Promise<{ snapshot: Snapshot; session: Session }> {
    const { session } = await this.#options.running.require(id);
    return this.#options.mutex.run(session.sandboxName, async () => {
      // It may have ended while another task held the lock.
      await this.#options.running.require(id);
      const ended = await this.endUnlocked(id, { capture: "manual", ...options });
      if (ended.snapshot) return { session: ended.session, snapshot: ended.snapshot };
      throw new SandboxError(
        "internal",
        `Session ${id} ended while its snapshot was made, and its files are gone.`,
      );
    });
  }

  async extendTimeout(id: string, durationMs: number): Promise<Session> {
    const { session } = await this.#options.running.require(id);
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

  async setNetworkPolicy(id: string, policy: NetworkPolicy): Promise<Session> {
    const { root } = await this.#options.running.require(id);
    await root.applyNetworkPolicy(policy);
    const { session } = await this.#options.running.require(id);
    return this.#put({ ...session, networkPolicy: policy });
  }

  async usage(id: string, options: { disk?: boolean } = {}): Promise<Usage> {
    const session = this.#options.running.known(id);
    if (hasEnded(session)) return usedBy(session);
    const { root } = await this.#options.running.require(id);
    return root.usage(options);
  }

  /** Ends the session at its deadline; an earlier call for the same session is replaced. */
  watch(session: Session): void {
    const deadline = (session.startedAt ?? session.createdAt) + session.timeoutMs;
    this.#deadlines.set(session.id, deadline, () => void this.#expire(session)); // Never rejects.
  }

  /** Ends a session for a caller that holds the sandbox's lock. One that has ended stays as it is. */
  async endUnlocked(
    id: string,
    request?: EndRequest,
  ): Promise<Omit<Ended, "sandbox"> & { sandbox?: Sandbox }> {
    const { store, running, lifecycle } = this.#options;
    const session = running.known(id);
    const sandbox = store.sandboxes.get(session.sandboxName);
    if (hasEnded(session) || !sandbox) return { session, ...(sandbox && { sandbox }) };
    this.#deadlines.clear(id);
    return lifecycle.end(
      session,
      sandbox,
      request ?? { capture: sandbox.persistent ? "automatic" : "none" },
    );
  }

  [Symbol.dispose](): void {
    this.#deadlines[Symbol.dispose]();
  }

  #put(session: Session): Session {
    const updated = { ...session, updatedAt: this.#options.clock.now() };
    this.#options.store.sessions.put(updated);
    this.watch(updated);
    return updated;
  }

  async #expire(session: Session): Promise<void> {
    const fields = { sandbox: session.sandboxName, sessionId: session.id };
    try {
      await this.stop(session.id);
      this.#options.log.info("session stopped at its timeout", fields);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#options.log.warn("a session could not be stopped at its timeout", {
        ...fields,
        reason,
      });
    }
  }
}

/** Throws `sandbox_timeout_invalid` for a lifetime beyond the limit. */
export function requireTimeout(timeoutMs: number): void {
  if (timeoutMs <= LIMITS.sessionTimeoutMs) return;
  throw new SandboxError(
    "sandbox_timeout_invalid",
    `A session may live ${LIMITS.sessionTimeoutMs} ms in all (24 hours); asked for were ${timeoutMs} ms.`,
  );
}

function usedBy(session: Session): Usage {
  const { activeCpuMs: cpuMs = 0, memoryPeakBytes, diskBytes, ingressBytes, egressBytes } = session;
  return withoutUndefined({ cpuMs, memoryPeakBytes, diskBytes, ingressBytes, egressBytes });
}

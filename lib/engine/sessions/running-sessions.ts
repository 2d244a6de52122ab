import { SandboxError } from "../../contract/errors.ts";
import type { Sandbox, Session } from "../../contract/sandbox.ts";
import { SandboxUser } from "../../contract/sandbox-user.ts";
import { Underway } from "../../std/underway.ts";
import type { LiveSession, LiveSessions } from "./live-sessions.ts";
import type { Root, Store } from "../ports.ts";
import { environmentOf } from "../secrets/secret-egress.ts";
import type { SessionActivity } from "./session-activity.ts";

interface Running {
  root: Root;
  ending: AbortController;
  /** While it is being frozen. */
  isHeld?: boolean;
  /** While it stands still for a moment. Never rejects. */
  standingStill?: Promise<void>;
}

/** The sessions that run in this engine, and what became of all others. */
export class RunningSessions implements LiveSessions {
  readonly #store: Store;
  readonly #activity: SessionActivity;
  readonly #running = new Map<string, Running>();
  readonly #entering = new Underway();

  constructor({ store, activity }: { store: Store; activity: SessionActivity }) {
    this.#store = store;
    this.#activity = activity;
  }

  get size(): number {
    return this.#running.size;
  }

  /** What is frozen waits for nothing that this engine would do. */
  isBusy(): boolean {
    return this.sessionIds.some((id) => !this.isFrozen(id));
  }

  isFrozen(sessionId: string): boolean {
    return this.#store.sessions.get(sessionId)?.status === "paused";
  }

  get sessionIds(): string[] {
    return [...this.#running.keys()];
  }

  add(sessionId: string, root: Root): void {
    this.#running.set(sessionId, { root, ending: new AbortController() });
  }

  /** The root, whatever the session's status: for the rooms that end it. */
  rootOf(sessionId: string): Root | undefined {
    return this.#running.get(sessionId)?.root;
  }

  /** Tells everything that works on the session that it ends. */
  announceEnd(sessionId: string): void {
    const reason = new SandboxError("sandbox_stopping", `Session ${sessionId} is being stopped.`);
    this.#running.get(sessionId)?.ending.abort(reason);
  }

  remove(sessionId: string): void {
    this.announceEnd(sessionId);
    this.#running.delete(sessionId);
    this.#activity.forget(sessionId);
  }

  /** Nothing is let in any more, as if it were paused already. Resolves when nobody is on the way in. */
  async hold(sessionId: string): Promise<void> {
    const running = this.#running.get(sessionId);
    if (running) running.isHeld = true;
    await this.#entering.settled(sessionId);
  }

  release(sessionId: string): void {
    const running = this.#running.get(sessionId);
    if (running) running.isHeld = false;
  }

  /** Runs a task while nobody gets in: whoever wants to waits for its end. */
  async standStill<T>(sessionId: string, task: () => Promise<T>): Promise<T> {
    const running = this.#running.get(sessionId);
    const { promise, resolve } = Promise.withResolvers<void>();
    if (running) running.standingStill = promise;
    try {
      await this.#entering.settled(sessionId);
      return await task();
    } finally {
      if (running) delete running.standingStill;
      resolve();
    }
  }

  inUse(sessionId: string): Disposable {
    return this.#activity.hold(sessionId);
  }

  known(sessionId: string): Session {
    const session = this.#store.sessions.get(sessionId);
    if (session) return session;
    throw new SandboxError(
      "session_not_found",
      `There is no session ${sessionId}. It may belong to a sandbox that was deleted.`,
    );
  }

  // async, so that a caller meets every failure in one way.
  async require(sessionId: string): Promise<LiveSession> {
    await this.#running.get(sessionId)?.standingStill;
    const live = this.look(sessionId);
    this.#activity.touch(sessionId);
    return live;
  }

  async enter<T>(sessionId: string, task: (live: LiveSession) => Promise<T>): Promise<T> {
    while (this.#running.get(sessionId)?.standingStill) {
      await this.#running.get(sessionId)?.standingStill;
    }
    const live = this.look(sessionId);
    this.#activity.touch(sessionId);
    return this.#entering.run(sessionId, () => task(live));
  }

  /** The same for whoever only looks: it is no use of the session. */
  look(sessionId: string): LiveSession {
    const session = this.known(sessionId);
    const running = this.#running.get(sessionId);
    if (session.status === "stopping") {
      throw new SandboxError(
        "sandbox_stopping",
        `Sandbox ${session.sandboxName} is stopping; resume it once it has stopped.`,
      );
    }
    if (session.status === "snapshotting") {
      throw new SandboxError(
        "sandbox_snapshotting",
        `Sandbox ${session.sandboxName} is being snapshotted, which stops it; resume it afterwards.`,
      );
    }
    const sandbox = this.#store.sandboxes.get(session.sandboxName);
    const isPaused = sandbox?.status === "paused" && sandbox.currentSessionId === sessionId;
    if (isPaused || session.status === "paused" || running?.isHeld) {
      throw new SandboxError(
        "sandbox_paused",
        `Sandbox ${session.sandboxName} is paused; resume it to go on.`,
      );
    }
    if (session.status !== "running" || !running || !sandbox) {
      throw new SandboxError(
        "sandbox_stopped",
        `Session ${sessionId} of sandbox ${session.sandboxName} has stopped; resume the sandbox to go on.`,
      );
    }
    return this.#live(running, { session, sandbox });
  }

  /** Whatever its status: for recovery, which takes up what is frozen, too. */
  adopted(sessionId: string, sandbox: Sandbox): LiveSession | undefined {
    const running = this.#running.get(sessionId);
    if (!running) return undefined;
    const session = this.known(sessionId);
    return this.#live(running, { session, sandbox });
  }

  #live({ root, ending }: Running, records: Pick<LiveSession, "session" | "sandbox">): LiveSession {
    const env = environmentOf(records.sandbox, this.#store);
    const { template } = records.sandbox;
    // The three names of the default user mean the sandbox's own.
    const isOwn = !template || SandboxUser.safeParse(template.user).success;
    return { ...records, root, ending: ending.signal, env, ...(!isOwn && { user: template.user }) };
  }
}

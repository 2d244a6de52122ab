import { SandboxError } from "../contract/errors.ts";
import type { Session } from "../contract/sandbox.ts";
import type { LiveSession, LiveSessions } from "./live-sessions.ts";
import type { Root, Store } from "./ports.ts";

interface Running {
  root: Root;
  ending: AbortController;
}

/** The sessions that run in this engine, and what became of all others. */
export class RunningSessions implements LiveSessions {
  readonly #store: Store;
  readonly #running = new Map<string, Running>();

  constructor({ store }: { store: Store }) {
    this.#store = store;
  }

  get size(): number {
    return this.#running.size;
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
    if (session.status !== "running" || !running || !sandbox) {
      throw new SandboxError(
        "sandbox_stopped",
        `Session ${sessionId} of sandbox ${session.sandboxName} has stopped; resume the sandbox to go on.`,
      );
    }
    return { session, sandbox, root: running.root, ending: running.ending.signal };
  }
}

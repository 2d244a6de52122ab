import type { Session } from "../contract/sandbox.ts";
import type { KeyedMutex } from "../std/keyed-mutex.ts";
import { messageOf } from "../std/message-of.ts";
import { Deadlines } from "./sessions/deadlines.ts";
import { nextEnd, type NextEnd, RETRY_MS } from "./sessions/next-end.ts";
import type { Clock, Log, Store } from "./ports.ts";
import type { SessionActivity } from "./sessions/session-activity.ts";

/** How a sandbox is ended. Whoever calls holds its lock. */
interface LifeActions {
  stop(session: Session): Promise<unknown>;
  pause(session: Session, options: { memory: boolean }): Promise<unknown>;
  delete(name: string): Promise<unknown>;
}

export interface SandboxLifeOptions {
  store: Store;
  clock: Clock;
  log: Log;
  mutex: KeyedMutex;
  activity: SessionActivity;
  /** Asked for when the time has come. */
  actions: () => LifeActions;
}

/**
 * Ends sandboxes when their time has come: one alarm each, for whatever comes next. What fails is tried again, also
 * what others began and left half done. All that decides is in the records (but when a session was last used), so that
 * the next engine goes on with it.
 */
export class SandboxLife implements Disposable {
  readonly #options: SandboxLifeOptions;
  readonly #deadlines: Deadlines;

  constructor(options: SandboxLifeOptions) {
    this.#options = options;
    this.#deadlines = new Deadlines(options);
    options.activity.onQuiet((sessionId) => {
      const session = options.store.sessions.get(sessionId);
      if (session) this.follow(session.sandboxName);
    });
  }

  /** To be called whenever something of the sandbox has changed. */
  follow(name: string): void {
    const next = this.#next(name);
    if (next) this.#deadlines.set(name, next.at, () => this.#act(name)); // Never rejects.
    else this.#deadlines.clear(name);
  }

  [Symbol.dispose](): void {
    this.#deadlines[Symbol.dispose]();
  }

  #next(name: string): NextEnd | undefined {
    const { store, activity } = this.#options;
    const sandbox = store.sandboxes.get(name);
    if (!sandbox) return undefined;
    const session = store.sessions.get(sandbox.currentSessionId);
    const looksAtUse = sandbox.life?.idleStopMs ?? sandbox.life?.idlePauseMs;
    const isUsable = session?.status === "running" && looksAtUse !== undefined;
    const idleSince = isUsable ? activity.idleSince(session.id) : undefined;
    return nextEnd(sandbox, { session, idleSince });
  }

  async #act(name: string): Promise<void> {
    const { mutex, clock, log } = this.#options;
    try {
      await mutex.run(name, async () => {
        // It may have got more time, or come to another end, while others held the lock.
        const next = this.#next(name);
        if (!next || next.at > clock.now()) return this.follow(name);
        await this.#carryOut(name, next);
      });
    } catch (error) {
      const reason = messageOf(error);
      log.warn("a sandbox could not be ended when its time had come", { sandbox: name, reason });
      // Nothing else would.
      this.#deadlines.set(name, clock.now() + RETRY_MS, () => this.#act(name));
    }
  }

  async #carryOut(name: string, { act, why }: NextEnd): Promise<void> {
    const { store, log } = this.#options;
    const actions = this.#options.actions();
    const sandbox = store.sandboxes.get(name);
    const session = sandbox && store.sessions.get(sandbox.currentSessionId);
    const fields = { sandbox: name, ...(session && { sessionId: session.id }) };
    if (act === "delete") await actions.delete(name);
    else if (act === "pause" && session) {
      await actions.pause(session, { memory: sandbox.pauseMemory ?? true });
    } else if (session) await actions.stop(session);
    log.info(`session ${PAST[act]} ${why}`, fields);
  }
}

const PAST = { stop: "stopped", pause: "paused", delete: "deleted" } as const;

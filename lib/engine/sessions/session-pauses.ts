import { SandboxError } from "../../contract/errors.ts";
import type { Sandbox, Session } from "../../contract/sandbox.ts";
import type { Snapshot } from "../../contract/snapshot.ts";
import { newId } from "../../std/ids.ts";
import type { Clock, Root, Store } from "../ports.ts";
import type { PortRoutes } from "../port-routes.ts";
import type { RunningSessions } from "./running-sessions.ts";
import type { SessionActivity } from "./session-activity.ts";
import type { SnapshotKeeper } from "../snapshot-keeper.ts";

/** What a pause asks of the commands. */
interface PausableCommands {
  /** Resolves when none is being started; their time limits stand still from then on. */
  pause(sessionId: string): Promise<void>;
  /** Their time limits go on, later by as much as the session was paused since `pausedAt`. */
  resume(sessionId: string, pausedAt: number): void;
}

export interface SessionPausesOptions {
  store: Store;
  clock: Clock;
  running: RunningSessions;
  commands: PausableCommands;
  ports: PortRoutes;
  snapshots: SnapshotKeeper;
  activity: SessionActivity;
}

interface CopyOptions {
  expirationMs?: number;
  name?: string;
  method?: Snapshot["creationMethod"];
}

interface Paired {
  session: Session;
  sandbox: Sandbox;
}

/**
 * Freezes sessions and thaws them. Callers hold the sandbox's lock. What is recorded counts: an engine that is
 * started again freezes what is recorded as paused, and thaws what is not.
 */
export class SessionPauses {
  readonly #options: SessionPausesOptions;

  constructor(options: SessionPausesOptions) {
    this.#options = options;
  }

  /** Nothing has changed when it throws. */
  async freeze(session: Session): Promise<Paired> {
    const { clock, running, commands, ports } = this.#options;
    const { id, sandboxName } = session;
    const root = running.rootOf(id);
    if (!root) throw new SandboxError("internal", `Session ${id} has no root to freeze.`);
    try {
      await running.hold(id);
      await commands.pause(id);
      await ports.disconnect(sandboxName, { session: "paused" });
      await root.freeze();
      // As it is now: its network or its timeout may have been changed meanwhile.
      return this.#put(running.known(id), { status: "paused", pausedAt: clock.now() });
    } catch (error) {
      await root.thaw();
      commands.resume(id, clock.now());
      ports.connect(sandboxName, root, id);
      throw error;
    } finally {
      running.release(id);
    }
  }

  /** Keeps the files as they are now. A session that runs stands still for as long; whoever asks for it waits. */
  async copy(id: string, options: CopyOptions): Promise<{ session: Session; snapshot: Snapshot }> {
    const { running, snapshots, store } = this.#options;
    const session = running.known(id);
    const root = running.rootOf(id);
    const isPaused = session.status === "paused";
    if (!isPaused || !root) running.look(id);
    if (!root) throw new SandboxError("internal", `Session ${id} has no root to copy.`);
    const snapshotId = newId("snap");
    const sizeBytes = isPaused
      ? (await root.copy(snapshotId)).sizeBytes
      : await running.standStill(id, () => copyFrozen(root, snapshotId));
    const sandbox = store.sandboxes.get(session.sandboxName);
    if (!sandbox) throw new SandboxError("internal", `Session ${id} has no sandbox.`);
    const { method: creationMethod = "manual", ...wanted } = options;
    const snapshot = snapshots.describe(
      { sandbox, session: running.known(id) },
      { id: snapshotId, sizeBytes, creationMethod, ...wanted },
    );
    store.snapshots.put(snapshot);
    await snapshots.retire(sandbox);
    snapshots.schedule();
    return { session: running.known(id), snapshot };
  }

  /** Its timeout begins anew. It is frozen still when that cannot be recorded. */
  async thaw(session: Session, { timeoutMs }: { timeoutMs: number }): Promise<Paired> {
    const { clock, running, commands, ports, activity } = this.#options;
    const { id, sandboxName, pausedAt = clock.now(), pausedMs = 0 } = session;
    const root = running.rootOf(id);
    if (!root) throw new SandboxError("internal", `Session ${id} has no root to thaw.`);
    await root.thaw();
    const now = clock.now();
    let thawed: Paired;
    try {
      thawed = this.#put(running.known(id), {
        status: "running",
        pausedAt: undefined,
        pausedMs: pausedMs + Math.max(0, now - pausedAt),
        timeoutMs: now - (session.startedAt ?? session.createdAt) + timeoutMs,
      });
    } catch (error) {
      // It is paused as far as anybody knows: nothing would ever end it.
      await root.freeze();
      throw error;
    }
    ports.connect(sandboxName, root, id);
    activity.touch(id);
    commands.resume(id, pausedAt);
    return thawed;
  }

  #put(session: Session, changes: Partial<Session> & { status: "running" | "paused" }): Paired {
    const { store, clock } = this.#options;
    const now = clock.now();
    const sandbox = store.sandboxes.get(session.sandboxName);
    if (!sandbox) throw new SandboxError("internal", `Session ${session.id} has no sandbox.`);
    const changed: Paired = {
      session: { ...session, ...changes, updatedAt: now },
      sandbox: { ...sandbox, status: changes.status, statusUpdatedAt: now, updatedAt: now },
    };
    store.transaction(() => {
      store.sessions.put(changed.session);
      store.sandboxes.put(changed.sandbox);
    });
    return changed;
  }
}

async function copyFrozen(root: Root, snapshotId: string): Promise<number> {
  try {
    await root.freeze();
    return (await root.copy(snapshotId)).sizeBytes;
  } finally {
    await root.thaw();
  }
}

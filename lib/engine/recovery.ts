import { isDeepStrictEqual } from "node:util";
import type { Sandbox, Session } from "../contract/sandbox.ts";
import { messageOf } from "../std/message-of.ts";
import type { LiveSession } from "./sessions/live-sessions.ts";
import type { Isolation, Log, Root, Store } from "./ports.ts";
import type { PortRoutes } from "./port-routes.ts";
import type { RunningSessions } from "./sessions/running-sessions.ts";
import type { SandboxLife } from "./sandbox-life.ts";
import type { SandboxManager } from "./sandbox-manager.ts";
import { hasEnded, type SessionLifecycle } from "./sessions/session-lifecycle.ts";
import type { SecretEgress } from "./secrets/secret-egress.ts";
import type { SnapshotKeeper } from "./snapshot-keeper.ts";

/** What recovery asks of the commands. */
interface RecoverableCommands {
  /** Deletes the output of commands that were never recorded: the engine died while it started them. */
  sweep(): Promise<void>;
  /** Follows the session's running commands again, and records those that ended meanwhile. */
  adopt(live: LiveSession): Promise<void>;
  /** Their time limits stand still. */
  pause(sessionId: string): Promise<void>;
  /** The session is gone: its open commands are recorded from what they left. */
  settle(sessionId: string): Promise<void>;
}

export interface RecoveryOptions {
  store: Store;
  isolation: Isolation;
  log: Log;
  running: RunningSessions;
  lifecycle: SessionLifecycle;
  life: SandboxLife;
  sandboxes: SandboxManager;
  snapshots: SnapshotKeeper;
  egress: SecretEgress;
  commands: RecoverableCommands;
  ports: PortRoutes;
}

/**
 * Brings the records and the machine together after an engine ended, however it
 * ended: what still runs is taken up again, what was half done is finished, what
 * was never acknowledged is swept away. What runs with another isolation than this engine's is stopped as
 * its owner would, and what cannot be taken up with its files kept: neither keeps the others from going on.
 * Runs before anything else is served.
 */
export async function recover(options: RecoveryOptions): Promise<void> {
  const { store, isolation, running, snapshots } = options;
  const open = store.sessions.all().filter((session) => !hasEnded(session));
  const kept = store.snapshots.all({ equals: { status: "created" } });
  await isolation.sweep({
    roots: open.flatMap(({ root }) => (root === undefined ? [] : [root])),
    snapshotIds: [
      ...kept.map(({ id }) => id),
      ...store.layers.all().map(({ id }) => id),
      ...open.flatMap(({ capturingSnapshotId: id }) => (id === undefined ? [] : [id])),
    ],
    driveIds: store.drives.all().map(({ id }) => id),
  });
  await options.commands.sweep();
  for (const session of open) await recoverSession(session, options);
  for (const sandbox of store.sandboxes.all()) {
    if (running.rootOf(sandbox.currentSessionId) === undefined) {
      if (sandbox.deleting) await options.sandboxes.finishDeletion(sandbox.name);
      else await openPorts(sandbox, options);
    }
    options.life.follow(sandbox.name);
  }
  snapshots.schedule();
}

async function recoverSession(session: Session, options: RecoveryOptions): Promise<void> {
  const { store, isolation, log, running, lifecycle, commands } = options;
  const sandbox = store.sandboxes.get(session.sandboxName);
  const fields = { sandbox: session.sandboxName, sessionId: session.id };
  const root = session.root === undefined ? undefined : await isolation.adopt(session.root);
  if (!root || !sandbox) {
    await commands.settle(session.id);
    if (!sandbox) {
      store.sessions.delete(session.id);
    } else if (session.capturingSnapshotId === undefined) {
      lifecycle.abort(session, sandbox);
      log.warn("a session's files were gone after a restart", fields);
    } else {
      await finishEnding(session, sandbox, options);
    }
    return;
  }
  running.add(session.id, root);
  try {
    await goOnWith(session, { sandbox, root }, options);
  } catch (error) {
    // Its root is known and its files are where they were: `life` ends it later, or whoever resumes or deletes it.
    log.warn("a session could not be ended after a restart", {
      ...fields,
      reason: messageOf(error),
    });
  }
}

/** Throws only when the session can neither go on nor be ended. */
async function goOnWith(
  session: Session,
  { sandbox, root }: { sandbox: Sandbox; root: Root },
  options: RecoveryOptions,
): Promise<void> {
  const { store, isolation, log, lifecycle } = options;
  const fields = { sandbox: sandbox.name, sessionId: session.id };
  if (sandbox.deleting) {
    await lifecycle.end(session, sandbox, { capture: "none" });
    return;
  }
  const isPaused = session.status === "paused";
  if (session.status !== "running" && !isPaused) {
    await finishEnding(session, sandbox, options);
    return;
  }
  const isMoved = session.isolation !== isolation.name;
  if (isMoved || !root.isAlive) {
    // What ran cannot go on, but its files can.
    await lifecycle.end(session, sandbox, {
      capture: sandbox.persistent || isPaused ? "automatic" : "none",
      paused: isPaused,
    });
    const why = isMoved
      ? "sandboxes are isolated in another way now"
      : "what it ran in is gone, as after a reboot of the machine";
    log.warn(`a session was stopped, since ${why}`, {
      ...fields,
      before: session.isolation ?? null,
      now: isolation.name,
    });
    return;
  }
  try {
    await takeUp(session, { sandbox, root }, options);
    log.info("session taken up again after a restart", fields);
  } catch (error) {
    const reason = messageOf(error);
    log.warn("a session could not be taken up after a restart, and is stopped", {
      ...fields,
      reason,
    });
    // Nobody wanted that: its files are kept also where a stop would not keep them.
    await lifecycle.end(session, store.sandboxes.get(sandbox.name) ?? sandbox, {
      capture: "automatic",
      paused: isPaused,
    });
  }
}

async function takeUp(
  session: Session,
  { sandbox, root }: { sandbox: Sandbox; root: Root },
  options: RecoveryOptions,
): Promise<void> {
  const { store, running, commands, ports } = options;
  const isPaused = session.status === "paused";
  await options.egress.renew(session);
  await openPorts(sandbox, options);
  // What is recorded counts: the engine may have died between a pause and its record.
  if (isPaused) {
    await commands.pause(session.id);
    await root.freeze();
  } else {
    await root.thaw();
  }
  const live = running.adopted(session.id, store.sandboxes.get(sandbox.name) ?? sandbox);
  if (live) await commands.adopt(live);
  if (!isPaused) ports.connect(sandbox.name, root, session.id);
}

/** Also of a sandbox that is stopped: until it is resumed its ports say so, and nobody else gets them. */
async function openPorts(sandbox: Sandbox, { store, ports, log }: RecoveryOptions): Promise<void> {
  if (sandbox.ports.length === 0) return;
  try {
    const hostPorts = await ports.open(sandbox.name, sandbox.ports, sandbox.hostPorts);
    if (isDeepStrictEqual(hostPorts, sandbox.hostPorts)) return;
    store.sandboxes.put({ ...sandbox, hostPorts });
    log.warn("a sandbox's ports were taken by others while no engine ran, and got other numbers", {
      sandbox: sandbox.name,
    });
  } catch (error) {
    // Without descriptors, say. They are opened when it is resumed, and the others have theirs.
    log.warn("a sandbox's ports could not be opened after a restart", {
      sandbox: sandbox.name,
      reason: messageOf(error),
    });
  }
}

async function finishEnding(
  session: Session,
  sandbox: Sandbox,
  { lifecycle, log }: RecoveryOptions,
): Promise<void> {
  const manual = session.status === "snapshotting";
  const keeps = session.capturingSnapshotId !== undefined;
  const ended = await lifecycle.end(session, sandbox, {
    capture: manual ? "manual" : keeps ? "automatic" : "none",
  });
  log.info("session's end finished after a restart", {
    sandbox: sandbox.name,
    sessionId: session.id,
    snapshotId: ended.snapshot?.id ?? null,
  });
}

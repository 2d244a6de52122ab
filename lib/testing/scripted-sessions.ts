import { SandboxError } from "../contract/errors.ts";
import type { Sandbox, Session } from "../contract/sandbox.ts";
import type { Snapshot } from "../contract/snapshot.ts";
import type { Sessions } from "../engine/engine.ts";
import type { ScriptedCommands } from "./scripted-commands.ts";
import { pageOf, requireTimeout, type ScriptedState } from "./scripted-state.ts";

export function scriptedSessions(state: ScriptedState, commands: ScriptedCommands): Sessions {
  const put = (session: Session, changes: Partial<Session>): Session => {
    const changed = { ...session, ...changes, updatedAt: state.now() };
    state.sessions.set(session.id, changed);
    return changed;
  };
  return {
    async get(id) {
      const session = state.session(id);
      const sandbox = state.sandboxes.get(session.sandboxName);
      return { session, ...(sandbox && { sandbox }), routes: sandbox ? state.routes(sandbox) : [] };
    },
    list({ sandboxName, ...request }) {
      const own = [...state.sessions.values()].filter(
        (session) => sandboxName === undefined || session.sandboxName === sandboxName,
      );
      return pageOf(own, { ...request, sortBy: "createdAt" });
    },
    async stop(id) {
      const session = state.session(id);
      const sandbox = state.sandboxes.get(session.sandboxName);
      const isOver = session.status !== "running" && session.status !== "paused";
      if (isOver || !sandbox) return { session, ...(sandbox && { sandbox }) };
      return endSession(state, commands, {
        session,
        sandbox,
        keep: sandbox.persistent && "automatic",
      });
    },
    async extendTimeout(id, durationMs) {
      const session = state.running(id);
      const timeoutMs = session.timeoutMs + durationMs;
      requireTimeout(timeoutMs);
      return put(session, { timeoutMs });
    },
    async setTimeout(id, timeoutMs) {
      const session = state.running(id);
      requireTimeout(timeoutMs);
      const passed = state.now() - (session.startedAt ?? session.createdAt);
      return put(session, { timeoutMs: passed + timeoutMs });
    },
    async touch(id) {
      state.running(id);
    },
    async pause(id, { memory }) {
      const session = state.session(id);
      const sandbox = state.sandbox(session.sandboxName);
      if (sandbox.status === "paused") return { session, sandbox };
      state.running(id);
      const now = state.now();
      const paused = memory
        ? { session: put(session, { status: "paused", pausedAt: now }), sandbox }
        : endSession(state, commands, { session, sandbox, keep: "automatic" });
      const marked = { ...paused.sandbox, status: "paused" as const, statusUpdatedAt: now };
      state.sandboxes.set(sandbox.name, marked);
      return { session: paused.session, sandbox: marked };
    },
    async route(id, port) {
      state.running(id);
      return { port, hostPort: port, url: `http://127.0.0.1:${port}` };
    },
    async setNetworkPolicy(id, networkPolicy) {
      return put(state.running(id), { networkPolicy });
    },
    async snapshot(id, { expirationMs, keepRunning = false, method = "manual", name } = {}) {
      if (keepRunning) {
        const session = state.session(id);
        if (session.status !== "paused") state.running(id);
        const made = makeSnapshot(state, { session, method, expirationMs });
        const snapshot = name === undefined ? made : { ...made, name };
        state.snapshots.set(snapshot.id, snapshot);
        return { session, snapshot };
      }
      const session = state.running(id);
      const sandbox = state.sandbox(session.sandboxName);
      const ended = endSession(state, commands, { session, sandbox, keep: method, expirationMs });
      if (ended.snapshot) return { session: ended.session, snapshot: ended.snapshot };
      throw new SandboxError("internal", "no snapshot was made");
    },
    async usage(id) {
      state.running(id);
      return { cpuMs: 1 };
    },
  };
}

/** Ends a session, and keeps a snapshot of it when that is wanted. */
export function endSession(
  state: ScriptedState,
  commands: ScriptedCommands,
  {
    session,
    sandbox,
    keep,
    expirationMs,
  }: {
    session: Session;
    sandbox: Sandbox;
    keep: Snapshot["creationMethod"] | false;
    expirationMs?: number | undefined;
  },
): { session: Session; sandbox: Sandbox; snapshot?: Snapshot } {
  commands.endAll(session.id);
  const now = state.now();
  const durationMs = now - session.createdAt;
  const stopped: Session = {
    ...session,
    status: "stopped",
    requestedStopAt: now,
    stoppedAt: now,
    updatedAt: now,
    durationMs,
    activeCpuMs: 12,
    ingressBytes: 34,
    egressBytes: 56,
  };
  state.sessions.set(session.id, stopped);
  const snapshot = keep ? makeSnapshot(state, { session, method: keep, expirationMs }) : undefined;
  const changed: Sandbox = {
    ...sandbox,
    status: "stopped",
    statusUpdatedAt: now,
    updatedAt: now,
    ...(snapshot && { currentSnapshotId: snapshot.id }),
    totals: {
      activeCpuMs: sandbox.totals.activeCpuMs + 12,
      ingressBytes: sandbox.totals.ingressBytes + 34,
      egressBytes: sandbox.totals.egressBytes + 56,
      durationMs: sandbox.totals.durationMs + durationMs,
    },
  };
  state.sandboxes.set(sandbox.name, changed);
  return { session: stopped, sandbox: changed, ...(snapshot && { snapshot }) };
}

function makeSnapshot(
  state: ScriptedState,
  {
    session,
    method,
    expirationMs,
  }: {
    session: Session;
    method: Snapshot["creationMethod"];
    expirationMs?: number | undefined;
  },
): Snapshot {
  const now = state.now();
  const snapshot: Snapshot = {
    id: state.id("snap"),
    sandboxName: session.sandboxName,
    sourceSessionId: session.id,
    status: "created",
    creationMethod: method,
    region: session.region,
    sizeBytes: 1_024,
    createdAt: now,
    updatedAt: now,
    ...(session.sourceSnapshotId !== undefined && { parentId: session.sourceSnapshotId }),
    ...(expirationMs ? { expirationMs, expiresAt: now + expirationMs } : {}),
    isolation: "scripted",
  };
  state.snapshots.set(snapshot.id, snapshot);
  return snapshot;
}

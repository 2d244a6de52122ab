import { DEFAULTS } from "../contract/defaults.ts";
import { SandboxError } from "../contract/errors.ts";
import { LIMITS } from "../contract/limits.ts";
import {
  CreateSandboxRequest,
  ForkSandboxRequest,
  type Sandbox,
  type Session,
  UpdateSandboxRequest,
} from "../contract/sandbox.ts";
import type { Sandboxes } from "../engine/engine.ts";
import type { ScriptedCommands } from "./scripted-commands.ts";
import { endSession } from "./scripted-sessions.ts";
import { pageOf, type ScriptedState } from "./scripted-state.ts";

export function scriptedSandboxes(state: ScriptedState, commands: ScriptedCommands): Sandboxes {
  return {
    async create(input) {
      const { name = state.id("sandbox"), source, ...settings } = CreateSandboxRequest.parse(input);
      requireFree(state, { name, timeoutMs: settings.timeoutMs });
      const snapshotId = source?.type === "snapshot" ? source.snapshotId : undefined;
      if (snapshotId !== undefined) requireUsable(state, snapshotId);
      return start(state, {
        ...fresh(state, settings.vcpus),
        ...settings,
        name,
        ...(snapshotId !== undefined && { currentSnapshotId: snapshotId }),
      });
    },
    async get(name, { resume = false } = {}) {
      const sandbox = state.sandbox(name);
      if (!resume || sandbox.status === "running")
        return { ...state.view(sandbox), resumed: false };
      if (sandbox.currentSnapshotId !== undefined) requireUsable(state, sandbox.currentSnapshotId);
      return { ...start(state, sandbox), resumed: true };
    },
    list({ namePrefix = "", tag, status, sortBy = "createdAt", ...request }) {
      const chosen = [...state.sandboxes.values()].filter(
        (sandbox) =>
          sandbox.name.startsWith(namePrefix) &&
          (!tag || sandbox.tags?.[tag.key] === tag.value) &&
          (status === undefined || sandbox.status === status),
      );
      return pageOf(chosen, { ...request, sortBy });
    },
    async update(name, input) {
      const before = state.sandbox(name);
      const { networkId, keepLastSnapshots, ...changes } = UpdateSandboxRequest.parse(input);
      const vcpus = changes.vcpus ?? before.vcpus;
      const changed = {
        ...before,
        ...changes,
        memoryMb: vcpus * LIMITS.memoryMbPerVcpu,
        ...(networkId != null && { networkId }),
        ...(keepLastSnapshots != null && { keepLastSnapshots }),
        updatedAt: state.now(),
      } as Sandbox;
      if (networkId === null) delete changed.networkId;
      if (keepLastSnapshots === null) delete changed.keepLastSnapshots;
      state.sandboxes.set(name, changed);
      return state.view(changed);
    },
    async delete(name) {
      const { session, sandbox } = state.view(state.sandbox(name));
      if (session.status === "running")
        endSession(state, commands, { session, sandbox, keep: false });
      const view = state.view(state.sandbox(name));
      state.sandboxes.delete(name);
      return { ...view, routes: [] };
    },
    async fork(source, input) {
      const { name = state.id("sandbox"), ...changes } = ForkSandboxRequest.parse(input);
      const { mounts: _mounts, ...copied } = state.sandbox(source);
      requireFree(state, { name, timeoutMs: changes.timeoutMs ?? copied.timeoutMs });
      const vcpus = changes.vcpus ?? copied.vcpus;
      return start(state, { ...copied, ...changes, ...fresh(state, vcpus), name } as Sandbox);
    },
  };
}

function fresh(state: ScriptedState, vcpus: number) {
  const now = state.now();
  return {
    status: "running" as const,
    statusUpdatedAt: now,
    createdAt: now,
    updatedAt: now,
    memoryMb: vcpus * LIMITS.memoryMbPerVcpu,
    cwd: DEFAULTS.cwd,
    currentSessionId: "",
    hostPorts: {},
    totals: { activeCpuMs: 0, ingressBytes: 0, egressBytes: 0, durationMs: 0 },
  };
}

function start(state: ScriptedState, sandbox: Sandbox) {
  const now = state.now();
  const session: Session = {
    id: state.id("sbx"),
    sandboxName: sandbox.name,
    status: "running",
    requestedAt: now,
    createdAt: now,
    updatedAt: now,
    startedAt: now,
    timeoutMs: sandbox.timeoutMs,
    vcpus: sandbox.vcpus,
    memoryMb: sandbox.memoryMb,
    region: sandbox.region,
    ...(sandbox.runtime !== undefined && { runtime: sandbox.runtime }),
    cwd: sandbox.cwd,
    networkPolicy: sandbox.networkPolicy,
    ...(sandbox.currentSnapshotId !== undefined && { sourceSnapshotId: sandbox.currentSnapshotId }),
  };
  state.sessions.set(session.id, session);
  const running: Sandbox = {
    ...sandbox,
    status: "running",
    statusUpdatedAt: now,
    currentSessionId: session.id,
  };
  state.sandboxes.set(sandbox.name, running);
  return state.view(running);
}

function requireFree(
  state: ScriptedState,
  { name, timeoutMs }: { name: string; timeoutMs: number },
): void {
  if (state.sandboxes.has(name)) {
    throw new SandboxError("name_taken", `A sandbox named ${name} exists already.`);
  }
  if (timeoutMs > LIMITS.sessionTimeoutMs) {
    throw new SandboxError("sandbox_timeout_invalid", `A session may not live ${timeoutMs} ms.`);
  }
}

function requireUsable(state: ScriptedState, id: string): void {
  if (state.snapshots.get(id)?.status === "created") return;
  throw new SandboxError("snapshot_gone", `Snapshot ${id} is gone.`);
}

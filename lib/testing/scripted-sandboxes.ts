import { SandboxError } from "../contract/errors.ts";
import { LIMITS } from "../contract/limits.ts";
import {
  ForkSandboxRequest,
  type Sandbox,
  type Session,
  UpdateSandboxRequest,
} from "../contract/sandbox.ts";
import type { Sandboxes } from "../engine/engine.ts";
import { mergeKept } from "../engine/kept.ts";
import { newSandbox } from "../engine/new-sandbox.ts";
import type { TemplateRecords } from "../engine/templates/template-records.ts";
import { randomText } from "../std/ids.ts";
import type { ScriptedCommands } from "./scripted-commands.ts";
import { endSession } from "./scripted-sessions.ts";
import { pageOf, requireTimeout, type ScriptedState } from "./scripted-state.ts";

export function scriptedSandboxes(
  state: ScriptedState,
  commands: ScriptedCommands,
  templates: TemplateRecords,
): Sandboxes {
  return {
    async create({ name = state.id("sandbox"), ...input }) {
      const { sandbox } = newSandbox({ ...input, name }, templates);
      requireFree(state, sandbox);
      const { currentSnapshotId } = sandbox;
      if (currentSnapshotId !== undefined) requireUsable(state, currentSnapshotId);
      if (sandbox.template) templates.spawned(sandbox.template.templateId);
      return start(state, { ...fresh(state, sandbox.vcpus), ...sandbox });
    },
    async get(name, { resume = false } = {}) {
      const sandbox = state.sandbox(name);
      if (!resume || sandbox.status === "running")
        return { ...state.view(sandbox), resumed: false };
      const { session } = state.view(sandbox);
      if (session.status === "paused")
        return { ...thaw(state, { sandbox, session }), resumed: true };
      if (sandbox.currentSnapshotId !== undefined) requireUsable(state, sandbox.currentSnapshotId);
      return { ...start(state, sandbox), resumed: true };
    },
    async byId(id) {
      const sandbox = [...state.sandboxes.values()].find((each) => each.id === id);
      if (sandbox) return state.view(sandbox);
      throw new SandboxError("sandbox_not_found", `There is no sandbox with the id ${id}.`);
    },
    list({ namePrefix = "", tags = {}, statuses = [], sortBy = "createdAt", ...request }) {
      const chosen = [...state.sandboxes.values()].filter(
        (sandbox) =>
          sandbox.name.startsWith(namePrefix) &&
          Object.entries(tags).every(([key, value]) => sandbox.tags?.[key] === value) &&
          (statuses.length === 0 || statuses.includes(sandbox.status)),
      );
      return pageOf(chosen, { ...request, sortBy });
    },
    async update(name, input) {
      const before = state.sandbox(name);
      const { networkId, keepLastSnapshots, life, kept, ...changes } =
        UpdateSandboxRequest.parse(input);
      const vcpus = changes.vcpus ?? before.vcpus;
      const changed = {
        ...before,
        ...changes,
        memoryMb: vcpus * LIMITS.memoryMbPerVcpu,
        ...(networkId != null && { networkId }),
        ...(keepLastSnapshots != null && { keepLastSnapshots }),
        ...(life != null && { life }),
        ...(kept && { kept: mergeKept(before.kept, kept) }),
        updatedAt: state.now(),
      } as Sandbox;
      if (networkId === null) delete changed.networkId;
      if (keepLastSnapshots === null) delete changed.keepLastSnapshots;
      if (life === null) delete changed.life;
      state.sandboxes.set(name, changed);
      return state.view(changed);
    },
    async delete(name) {
      const { session, sandbox } = state.view(state.sandbox(name));
      if (session.status === "running" || session.status === "paused")
        endSession(state, commands, { session, sandbox, keep: false });
      const view = state.view(state.sandbox(name));
      state.sandboxes.delete(name);
      return { ...view, routes: [] };
    },
    async fork(source, input) {
      const { name = state.id("sandbox"), kept, ...changes } = ForkSandboxRequest.parse(input);
      const { mounts: _mounts, ...copied } = state.sandbox(source);
      requireFree(state, { name, timeoutMs: changes.timeoutMs ?? copied.timeoutMs });
      const vcpus = changes.vcpus ?? copied.vcpus;
      return start(state, {
        ...copied,
        ...changes,
        ...fresh(state, vcpus),
        ...(kept && { kept: mergeKept(copied.kept, kept) }),
        name,
      } as Sandbox);
    },
  };
}

function fresh(state: ScriptedState, vcpus: number) {
  const now = state.now();
  return {
    id: randomText(20),
    status: "running" as const,
    statusUpdatedAt: now,
    createdAt: now,
    updatedAt: now,
    memoryMb: vcpus * LIMITS.memoryMbPerVcpu,
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

function thaw(state: ScriptedState, { sandbox, session }: { sandbox: Sandbox; session: Session }) {
  const now = state.now();
  const { pausedAt = now, pausedMs = 0, ...rest } = session;
  state.sessions.set(session.id, {
    ...rest,
    status: "running",
    pausedMs: pausedMs + now - pausedAt,
    timeoutMs: now - (session.startedAt ?? session.createdAt) + sandbox.timeoutMs,
    updatedAt: now,
  });
  state.sandboxes.set(sandbox.name, { ...sandbox, status: "running", statusUpdatedAt: now });
  return state.view(state.sandbox(sandbox.name));
}

function requireFree(
  state: ScriptedState,
  { name, timeoutMs }: { name: string; timeoutMs: number },
): void {
  if (state.sandboxes.has(name)) {
    throw new SandboxError("name_taken", `A sandbox named ${name} exists already.`);
  }
  requireTimeout(timeoutMs);
}

function requireUsable(state: ScriptedState, id: string): void {
  if (state.snapshots.get(id)?.status === "created") return;
  throw new SandboxError("snapshot_gone", `Snapshot ${id} is gone.`);
}

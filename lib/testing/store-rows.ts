import * as fc from "fast-check";
import type { Command } from "../contract/command.ts";
import type { Drive } from "../contract/drive.ts";
import type { Sandbox, Session } from "../contract/sandbox.ts";
import type { Snapshot } from "../contract/snapshot.ts";

/** A stored sandbox, `box` unless told otherwise. */
export function aSandbox(fields: Partial<Sandbox> = {}): Sandbox {
  return {
    name: "box",
    id: "box1",
    status: "running",
    statusUpdatedAt: 1_000,
    createdAt: 1_000,
    updatedAt: 1_000,
    persistent: true,
    ports: [3_000],
    timeoutMs: 300_000,
    vcpus: 2,
    memoryMb: 4_096,
    networkPolicy: { mode: "allow-all" },
    env: { A: "1" },
    region: "iad1",
    user: "vercel-sandbox",
    home: "/vercel",
    cwd: "/vercel/sandbox",
    onTimeout: "stop",
    currentSessionId: "sbx_1",
    hostPorts: { 3_000: 40_000 },
    totals: { activeCpuMs: 0, ingressBytes: 0, egressBytes: 0, durationMs: 0 },
    ...fields,
  };
}

/** A stored session of `box`. */
export function aSession(fields: Partial<Session> = {}): Session {
  return {
    id: "sbx_1",
    sandboxName: "box",
    status: "running",
    requestedAt: 1_000,
    createdAt: 1_000,
    updatedAt: 1_000,
    timeoutMs: 300_000,
    vcpus: 2,
    memoryMb: 4_096,
    region: "iad1",
    cwd: "/vercel/sandbox",
    networkPolicy: { mode: "deny-all" },
    root: { pid: 1, paths: ["/a", null] },
    ...fields,
  };
}

/** A stored command of `box`. */
export function aCommand(fields: Partial<Command> = {}): Command {
  return {
    id: "cmd_1",
    sessionId: "sbx_1",
    sandboxName: "box",
    cmd: "echo",
    args: ["a b", "🙂"],
    cwd: "/vercel/sandbox",
    sudo: false,
    startedAt: 1_000,
    exitCode: null,
    ...fields,
  };
}

/** A stored snapshot of `box`. */
export function aSnapshot(fields: Partial<Snapshot> = {}): Snapshot {
  return {
    id: "snap_1",
    sandboxName: "box",
    sourceSessionId: "sbx_1",
    status: "created",
    creationMethod: "manual",
    region: "iad1",
    sizeBytes: 10,
    createdAt: 1_000,
    updatedAt: 1_000,
    isolation: "process",
    ...fields,
  };
}

/** A stored drive. */
export function aDrive(fields: Partial<Drive> = {}): Drive {
  return {
    id: "drive_1",
    name: "drive",
    region: "iad1",
    maxSizeBytes: 2 ** 40,
    createdAt: 1_000,
    updatedAt: 1_000,
    ...fields,
  };
}

// Any text at all, lone surrogates and NULs included: what JSON carries a store has to carry.
const anyText = fc.string({ unit: "binary", maxLength: 8 });
// Few values, so that many rows share one and their keys have to decide.
const anyTime = fc.integer({ min: 0, max: 4 });

/** Sandboxes that differ in all that stores look at. */
export function anySandbox(): fc.Arbitrary<Sandbox> {
  const varied = fc.record(
    {
      name: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,5}$/),
      status: fc.constantFrom("running", "stopped", "paused"),
      region: anyText,
      createdAt: anyTime,
      statusUpdatedAt: anyTime,
      env: fc.dictionary(fc.stringMatching(/^[A-Z]{1,3}$/), anyText, { maxKeys: 2 }),
      tags: fc.dictionary(fc.constantFrom("a", "b", "ä"), fc.constantFrom("1", "2"), {
        noNullPrototype: true,
      }),
      currentSnapshotId: fc.oneof(anyText, fc.constantFrom("\u{10000}", "\uffff", "\ue000", "z")),
    },
    { requiredKeys: ["name", "status", "region", "createdAt", "statusUpdatedAt"] },
  );
  return varied.map((fields) => aSandbox(fields));
}

/** Up to thirty sandboxes with different names. */
export function anySandboxes(): fc.Arbitrary<Sandbox[]> {
  return fc.uniqueArray(anySandbox(), { selector: (row) => row.name, maxLength: 30 });
}

import * as fc from "fast-check";
import type { Command } from "../contract/command.ts";
import type { Drive } from "../contract/drive.ts";
import type { Sandbox, Session } from "../contract/sandbox.ts";
import type { StoredSecret } from "../contract/secret.ts";
import type { Snapshot } from "../contract/snapshot.ts";
import type { Template, TemplateBuild, TemplateLayer } from "../contract/template.ts";
import type { Store } from "../engine/ports.ts";
import type { TABLES } from "../engine/tables.ts";

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

/** A stored secret. */
export function aSecret(fields: Partial<StoredSecret> = {}): StoredSecret {
  return {
    id: "secret_1",
    name: "key",
    value: "a value 🙂",
    version: 1,
    metadata: { team: "red" },
    hosts: ["*.example"],
    placeholder: "sandlot_secret_1",
    createdAt: 1_000,
    updatedAt: 1_000,
    ...fields,
  };
}

/** A stored template. */
export function aTemplate(fields: Partial<Template> = {}): Template {
  return {
    id: "tpl_1",
    names: ["app", "app:1"],
    createdAt: 1_000,
    updatedAt: 1_000,
    tags: [{ tag: "default", buildId: "build_1", createdAt: 1_000 }],
    latestBuildId: "build_1",
    buildCount: 1,
    spawnCount: 0,
    ...fields,
  };
}

/** A stored build of it. */
export function aBuild(fields: Partial<TemplateBuild> = {}): TemplateBuild {
  return {
    id: "build_1",
    templateId: "tpl_1",
    status: "error",
    tags: ["default"],
    vcpus: 2,
    memoryMb: 4_096,
    createdAt: 1_000,
    updatedAt: 1_000,
    error: { message: "it failed", step: 1 },
    layers: ["snap_2"],
    env: { A: "1" },
    cwd: "/srv",
    user: "root",
    ...fields,
  };
}

/** A stored layer of it. */
export function aLayer(fields: Partial<TemplateLayer> = {}): TemplateLayer {
  return {
    id: "snap_2",
    recipe: "0f",
    sizeBytes: 10,
    createdAt: 1_000,
    isolation: "process",
    ...fields,
  };
}

/** One row for each table. */
export function oneOfEach() {
  return {
    sandboxes: [aSandbox()],
    sessions: [aSession()],
    commands: [aCommand()],
    snapshots: [aSnapshot()],
    drives: [aDrive()],
    secrets: [aSecret()],
    templates: [aTemplate()],
    builds: [aBuild()],
    layers: [aLayer()],
  } satisfies Record<keyof typeof TABLES, object[]>;
}

/** Puts all of the rows, each into its table. */
export function putAll(store: Store, rows: ReturnType<typeof oneOfEach>): void {
  for (const row of rows.sandboxes) store.sandboxes.put(row);
  for (const row of rows.sessions) store.sessions.put(row);
  for (const row of rows.commands) store.commands.put(row);
  for (const row of rows.snapshots) store.snapshots.put(row);
  for (const row of rows.drives) store.drives.put(row);
  for (const row of rows.secrets) store.secrets.put(row);
  for (const row of rows.templates) store.templates.put(row);
  for (const row of rows.builds) store.builds.put(row);
  for (const row of rows.layers) store.layers.put(row);
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

import { Sandbox, Snapshot } from "../../trigger-client/index.ts";
import { defineCommand, jsonOption } from "../command-spec.ts";
import { describeError } from "../../trigger-client/describe-error.ts";
import { exitCodeOf } from "../exit-codes.ts";
import { ago, byteSize } from "../quantities.ts";
import type { Column } from "../table.ts";

/** One thing that can go without anything being lost that could still be used. */
interface Leftover {
  kind: "sandbox" | "snapshot";
  name: string;
  reason: string;
  createdAt: number;
  sizeBytes?: number;
}

export const prune = defineCommand({
  name: "prune",
  summary: "Delete what nobody can use any more",
  details:
    "That is: stopped sandboxes that were made with `persistent: false` (their files are gone, only\n" +
    "their logs are left), and snapshots that expired or that were never completed.\n" +
    "Persistent sandboxes and snapshots in use are never touched.",
  options: {
    "dry-run": { type: "boolean", short: "n", about: "Only show what would be deleted" },
    ...jsonOption,
  },
  async run({ options }, { console, signal }) {
    const found = [...(await idleSandboxes(signal)), ...(await deadSnapshots(signal))];
    const dryRun = options["dry-run"] ?? false;
    let exitCode = 0;
    const results: (Leftover & { deleted: boolean; error?: string })[] = [];
    for (const leftover of found) {
      try {
        if (!dryRun) await remove(leftover, signal);
        results.push({ ...leftover, deleted: !dryRun });
      } catch (error) {
        exitCode ||= exitCodeOf(error);
        results.push({ ...leftover, deleted: false, error: describeError(error) });
      }
    }
    if (options.json) console.json(results);
    else if (results.length === 0) console.note("There is nothing to prune.");
    else console.table(results, columns({ now: Date.now(), dryRun }));
    return exitCode;
  },
});

async function idleSandboxes(signal: AbortSignal): Promise<Leftover[]> {
  const sandboxes = await (await Sandbox.list({ limit: 50, signal })).toArray();
  return sandboxes
    .filter(({ persistent, status }) => !persistent && status === "stopped")
    .map(({ name, createdAt }) => ({
      kind: "sandbox",
      name,
      reason: "stopped, not persistent",
      createdAt,
    }));
}

async function deadSnapshots(signal: AbortSignal): Promise<Leftover[]> {
  const snapshots = await (await Snapshot.list({ limit: 50, signal })).toArray();
  const now = Date.now();
  return snapshots.flatMap(({ id, status, expiresAt, createdAt, sizeBytes }) => {
    const expired = status === "created" && expiresAt !== undefined && expiresAt <= now;
    const reason = expired ? "expired" : status === "failed" ? "never completed" : undefined;
    return reason ? [{ kind: "snapshot" as const, name: id, reason, createdAt, sizeBytes }] : [];
  });
}

async function remove({ kind, name }: Leftover, signal: AbortSignal): Promise<void> {
  if (kind === "sandbox") {
    const sandbox = await Sandbox.get({ name, resume: false, signal });
    // Someone may have started it since it was listed.
    if (sandbox.status !== "running") await sandbox.delete({ signal });
    return;
  }
  const snapshot = await Snapshot.get({ snapshotId: name, signal });
  await snapshot.delete({ signal });
}

function columns({
  now,
  dryRun,
}: {
  now: number;
  dryRun: boolean;
}): Column<Leftover & { error?: string }>[] {
  return [
    { title: "KIND", value: ({ kind }) => kind },
    { title: "NAME", value: ({ name }) => name, style: () => "bold" },
    { title: "WHY", value: ({ reason }) => reason },
    { title: "CREATED", value: ({ createdAt }) => ago(createdAt, now) },
    {
      title: "SIZE",
      value: ({ sizeBytes }) => (sizeBytes === undefined ? "" : byteSize(sizeBytes)),
      align: "right",
    },
    {
      title: "RESULT",
      value: ({ error }) => error ?? (dryRun ? "would be deleted" : "deleted"),
      style: ({ error }) => (error ? "red" : undefined),
      flexible: true,
    },
  ];
}

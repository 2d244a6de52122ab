import { DEFAULTS } from "../../contract/defaults.ts";
import { SandboxError } from "../../contract/errors.ts";
import type { Page, PageRequest } from "../../contract/page.ts";
import type { Snapshot } from "../../contract/snapshot.ts";
import type { Snapshots } from "../../engine/engine.ts";
import type { Store } from "../../engine/ports.ts";
import { refusal } from "./capabilities.ts";
import type { Cloud, CloudSnapshot } from "./cloud.ts";
import type { CloudPart } from "./cloud-sandboxes.ts";

/** A cloud tells less of a snapshot than we do: of whom it is, only who made it in this process knows. */
export function rememberSnapshot(
  store: Store,
  { id, createdAt, sizeBytes }: CloudSnapshot,
  { isolation, source }: { isolation: string; source?: { sandboxName: string; sessionId: string } },
): Snapshot {
  const known = store.snapshots.get(id);
  const at = createdAt ?? known?.createdAt ?? Date.now();
  const snapshot: Snapshot = {
    id,
    sandboxName: source?.sandboxName ?? known?.sandboxName ?? "",
    sourceSessionId: source?.sessionId ?? known?.sourceSessionId ?? "",
    status: "created",
    creationMethod: "manual",
    region: DEFAULTS.region,
    sizeBytes: sizeBytes ?? 0,
    createdAt: at,
    updatedAt: at,
    isolation,
  };
  store.snapshots.put(snapshot);
  return snapshot;
}

/** Snapshots as the cloud keeps them. */
export class CloudSnapshots implements Snapshots {
  readonly #cloud: Cloud;
  readonly #store: Store;

  constructor({ cloud, store }: CloudPart) {
    this.#cloud = cloud;
    this.#store = store;
  }

  /** Asks the cloud which there are. */
  async refresh(): Promise<void> {
    const seen: CloudSnapshot[] = [];
    for await (const each of this.#cloud.snapshots()) seen.push(each);
    const { snapshots, transaction } = this.#store;
    transaction(() => {
      const ids = new Set(seen.map(({ id }) => id));
      for (const { id, status } of snapshots.all()) {
        if (!ids.has(id) && status === "created") snapshots.delete(id);
      }
      for (const each of seen) rememberSnapshot(this.#store, each, { isolation: this.#cloud.name });
    });
  }

  async get(id: string): Promise<Snapshot> {
    await this.refresh();
    const found = this.#store.snapshots.get(id);
    if (found) return found;
    throw new SandboxError("snapshot_not_found", `There is no snapshot ${id}.`);
  }

  list({ sandboxName, ...page }: PageRequest & { sandboxName?: string }): Page<Snapshot> {
    return this.#store.snapshots.page({
      ...page,
      sortBy: "createdAt",
      ...(sandboxName !== undefined && { equals: { sandboxName } }),
    });
  }

  async delete(id: string): Promise<Snapshot> {
    const found = this.#store.snapshots.get(id) ?? (await this.get(id));
    await this.#cloud.deleteSnapshot(id);
    const deleted: Snapshot = { ...found, status: "deleted", updatedAt: Date.now() };
    this.#store.snapshots.put(deleted);
    return deleted;
  }

  async tree(): Promise<never> {
    throw refusal(this.#cloud, "snapshots", "the tree of a snapshot");
  }
}

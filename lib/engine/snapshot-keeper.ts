import { DEFAULTS } from "../contract/defaults.ts";
import { SandboxError } from "../contract/errors.ts";
import type { Page, PageRequest } from "../contract/page.ts";
import type { Sandbox, Session } from "../contract/sandbox.ts";
import type { Snapshot } from "../contract/snapshot.ts";
import { messageOf } from "../std/message-of.ts";
import type { Snapshots } from "./engine.ts";
import type { Clock, Isolation, Log, Store } from "./ports.ts";
import { snapshotTree, type TreeRequest } from "./snapshot-tree.ts";

export interface SnapshotKeeperOptions {
  store: Store;
  isolation: Isolation;
  clock: Clock;
  log: Log;
}

/** Snapshots and how long they live: counted from their last use, and by each sandbox's own rules. */
export class SnapshotKeeper implements Snapshots, Disposable {
  readonly #store: Store;
  readonly #isolation: Isolation;
  readonly #clock: Clock;
  readonly #log: Log;
  #alarm: Disposable | undefined;

  constructor({ store, isolation, clock, log }: SnapshotKeeperOptions) {
    this.#store = store;
    this.#isolation = isolation;
    this.#clock = clock;
    this.#log = log;
  }

  async get(id: string): Promise<Snapshot> {
    const snapshot = this.#store.snapshots.get(id);
    if (snapshot) return snapshot;
    throw new SandboxError("snapshot_not_found", `There is no snapshot ${id}.`);
  }

  list({ sandboxName, ...page }: PageRequest & { sandboxName?: string }): Page<Snapshot> {
    return this.#store.snapshots.page({
      ...page,
      sortBy: "createdAt",
      ...(sandboxName !== undefined && { equals: { sandboxName } }),
    });
  }

  async tree(request: TreeRequest) {
    return snapshotTree(this.#store.snapshots, await this.get(request.anchorId), request);
  }

  async delete(id: string): Promise<Snapshot> {
    const snapshot = await this.get(id);
    if (snapshot.status === "deleted") return snapshot;
    // The record first: a snapshot that is half gone must never be restored.
    const deleted: Snapshot = { ...snapshot, status: "deleted", updatedAt: this.#clock.now() };
    this.#store.snapshots.put(deleted);
    await this.#isolation.deleteSnapshot(id);
    return deleted;
  }

  /** A snapshot that files can be restored from. Throws `snapshot_gone`. */
  requireUsable(id: string): Snapshot {
    const snapshot = this.#store.snapshots.get(id) ?? this.#layer(id);
    const expired = snapshot?.expiresAt !== undefined && snapshot.expiresAt <= this.#clock.now();
    if (snapshot?.status === "created" && !expired) return snapshot;
    const why = !snapshot ? "does not exist" : expired ? "has expired" : `is ${snapshot.status}`;
    throw new SandboxError("snapshot_gone", `Snapshot ${id} ${why}, so nothing can start from it.`);
  }

  /** Records a use: the snapshot's lifetime begins anew. A template's layer has none, and no record here. */
  recordUse({ id }: Snapshot): void {
    // As it is now: whoever has deleted it meanwhile has deleted it.
    const snapshot = this.#store.snapshots.get(id);
    if (snapshot?.status !== "created") return;
    this.#store.snapshots.put(withExpiry({ ...snapshot, lastUsedAt: this.#clock.now() }));
  }

  /** The record of a snapshot that was just made. To be stored by the caller. */
  describe(
    { sandbox, session }: { sandbox: Sandbox; session: Session },
    made: {
      id: string;
      sizeBytes: number;
      creationMethod: Snapshot["creationMethod"];
      expirationMs?: number;
      name?: string;
    },
  ): Snapshot {
    const now = this.#clock.now();
    const expirationMs =
      made.expirationMs ??
      sandbox.keepLastSnapshots?.expirationMs ??
      sandbox.snapshotExpirationMs ??
      DEFAULTS.snapshotExpirationMs;
    return withExpiry({
      id: made.id,
      sandboxName: sandbox.name,
      ...(made.name !== undefined && { name: made.name }),
      sourceSessionId: session.id,
      ...(session.sourceSnapshotId !== undefined && { parentId: session.sourceSnapshotId }),
      status: "created",
      creationMethod: made.creationMethod,
      region: sandbox.region,
      sizeBytes: made.sizeBytes,
      createdAt: now,
      updatedAt: now,
      ...(expirationMs > 0 && { expirationMs }),
      isolation: session.isolation ?? this.#isolation.name,
    });
  }

  /** Keeps the sandbox's own rule of how many snapshots stay; never touches the current one. */
  async retire(sandbox: Sandbox): Promise<void> {
    const rule = sandbox.keepLastSnapshots;
    if (!rule) return;
    const made = this.#store.snapshots
      .all({ equals: { sandboxName: sandbox.name, status: "created" } })
      .reverse();
    for (const snapshot of made.slice(rule.count)) {
      if (snapshot.id === sandbox.currentSnapshotId) continue;
      if (rule.deleteEvicted) {
        await this.delete(snapshot.id);
        continue;
      }
      const expirationMs = sandbox.snapshotExpirationMs ?? DEFAULTS.snapshotExpirationMs;
      const { expirationMs: _before, expiresAt: _at, ...rest } = snapshot;
      this.#store.snapshots.put(withExpiry({ ...rest, ...(expirationMs > 0 && { expirationMs }) }));
    }
    this.schedule();
  }

  /** Deletes the sandbox's snapshots that no other sandbox starts from. */
  async deleteOrphans(sandboxName: string): Promise<void> {
    const others = this.#store.sandboxes.all().filter((other) => other.name !== sandboxName);
    const needed = new Set(others.map((other) => other.currentSnapshotId));
    const own = this.#store.snapshots.all({ equals: { sandboxName, status: "created" } });
    for (const snapshot of own) {
      if (!needed.has(snapshot.id)) await this.delete(snapshot.id);
    }
  }

  /** Deletes what has expired and sets the alarm for the next. */
  schedule(): void {
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
    const now = this.#clock.now();
    let next = Number.POSITIVE_INFINITY;
    for (const snapshot of this.#store.snapshots.all({ equals: { status: "created" } })) {
      if (snapshot.expiresAt === undefined) continue;
      if (snapshot.expiresAt > now) next = Math.min(next, snapshot.expiresAt);
      else void this.#expire(snapshot.id); // Never rejects.
    }
    if (Number.isFinite(next)) this.#alarm = this.#clock.at(next, () => this.schedule());
  }

  [Symbol.dispose](): void {
    this.#alarm?.[Symbol.dispose]();
  }

  /** Files that belong to a template: a snapshot for whoever starts from them, and for nobody else. */
  #layer(id: string): Snapshot | undefined {
    const layer = this.#store.layers.get(id);
    if (!layer) return undefined;
    const { sizeBytes, createdAt, isolation } = layer;
    return {
      id,
      sandboxName: "",
      sourceSessionId: "",
      status: "created",
      creationMethod: "automatic",
      region: DEFAULTS.region,
      sizeBytes,
      createdAt,
      updatedAt: createdAt,
      isolation,
    };
  }

  async #expire(id: string): Promise<void> {
    try {
      await this.delete(id);
      this.#log.info("snapshot expired", { snapshotId: id });
    } catch (error) {
      this.#log.warn("an expired snapshot could not be deleted", {
        snapshotId: id,
        reason: messageOf(error),
      });
    }
  }
}

function withExpiry(snapshot: Snapshot): Snapshot {
  if (snapshot.expirationMs === undefined) return snapshot;
  const from = snapshot.lastUsedAt ?? snapshot.createdAt;
  return { ...snapshot, expiresAt: from + snapshot.expirationMs };
}

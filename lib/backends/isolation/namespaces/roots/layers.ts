import { rename } from "node:fs/promises";
import { join } from "node:path";
import { SandboxError } from "../../../../contract/errors.ts";
import { readRecord, type StateFolders, writeRecord } from "../../state-folders.ts";
import { RootRecord, SnapshotRecord } from "./root-record.ts";

interface Layer {
  /** Snapshots below, the newest first. */
  below: readonly string[];
  ownBytes: number;
  /** Whether it can be restored; otherwise it is only kept for those above it. */
  isSnapshot: boolean;
}

/**
 * The snapshots on disk as layers of one another. What a deleted snapshot holds
 * stays as long as another one, or a root, stands on it.
 */
export class Layers {
  readonly #folders: StateFolders;
  readonly #layers = new Map<string, Layer>();
  /** By root folder: the layers that it stands on. */
  readonly #inUse = new Map<string, readonly string[]>();

  static async open(folders: StateFolders): Promise<Layers> {
    const layers = new Layers(folders);
    for (const id of await folders.list("snapshots")) await layers.#load(id);
    for (const folder of await folders.list("roots")) {
      const record = await readRecord(join(folders.root(folder), "root.json"), RootRecord);
      if (record) layers.#inUse.set(folder, record.layers);
    }
    return layers;
  }

  private constructor(folders: StateFolders) {
    this.#folders = folders;
  }

  /** The layers that a root stands on which begins with the snapshot, the newest first. Throws `snapshot_gone`. */
  stackOf(snapshotId: string): string[] {
    const layer = this.#layers.get(snapshotId);
    if (!layer?.isSnapshot) {
      throw new SandboxError("snapshot_gone", `The files of snapshot ${snapshotId} are gone.`);
    }
    return [snapshotId, ...layer.below];
  }

  /** The bytes of a snapshot's own layer and of those below it; undefined when there is no such snapshot. */
  sizeOf(snapshotId: string): number | undefined {
    const layer = this.#layers.get(snapshotId);
    if (!layer?.isSnapshot) return undefined;
    return [layer, ...layer.below.map((id) => this.#layers.get(id))].reduce(
      (sum, one) => sum + (one?.ownBytes ?? 0),
      0,
    );
  }

  /** Keeps the layers while the root is there. */
  hold(folder: string, layers: readonly string[]): void {
    this.#inUse.set(folder, layers);
  }

  async release(folder: string): Promise<void> {
    this.#inUse.delete(folder);
    await this.#collect();
  }

  /** Makes a halted root's folder a snapshot, in one step. */
  async add(snapshotId: string, root: { folder: string; ownBytes: number }): Promise<void> {
    const { folder, ownBytes } = root;
    const directory = this.#folders.root(folder);
    await writeRecord(join(directory, "snapshot.json"), { ownBytes } satisfies SnapshotRecord);
    await this.#folders.placeSnapshot(directory, snapshotId);
    const below = this.#inUse.get(folder) ?? [];
    this.#layers.set(snapshotId, { below, ownBytes, isSnapshot: true });
    this.#inUse.delete(folder);
  }

  async delete(snapshotId: string): Promise<void> {
    const layer = this.#layers.get(snapshotId);
    if (!layer) return;
    const directory = this.#folders.snapshot(snapshotId);
    // What it holds still counts for those above.
    await rename(join(directory, "snapshot.json"), join(directory, "layer.json"));
    layer.isSnapshot = false;
    await this.#collect();
  }

  get snapshotIds(): string[] {
    return [...this.#layers].filter(([, { isSnapshot }]) => isSnapshot).map(([id]) => id);
  }

  // A layer names all that is below it, so that one look is enough.
  async #collect(): Promise<void> {
    const needed = new Set([...this.#inUse.values()].flat());
    for (const [id, { below, isSnapshot }] of this.#layers) {
      if (isSnapshot) for (const one of [id, ...below]) needed.add(one);
    }
    for (const id of [...this.#layers.keys()].filter((one) => !needed.has(one))) {
      this.#layers.delete(id);
      await this.#folders.discard(this.#folders.snapshot(id));
    }
  }

  async #load(id: string): Promise<void> {
    const directory = this.#folders.snapshot(id);
    const root = await readRecord(join(directory, "root.json"), RootRecord);
    const snapshot = await readRecord(join(directory, "snapshot.json"), SnapshotRecord);
    // One that says nothing of itself is nobody's layer.
    if (!root) return this.#folders.discard(directory);
    const layer = snapshot ?? (await readRecord(join(directory, "layer.json"), SnapshotRecord));
    const ownBytes = layer?.ownBytes ?? 0;
    this.#layers.set(id, { below: root.layers, ownBytes, isSnapshot: snapshot !== undefined });
  }
}

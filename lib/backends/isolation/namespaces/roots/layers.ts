import { rename } from "node:fs/promises";
import { join } from "node:path";
import { SandboxError } from "../../../../contract/errors.ts";
import type { Log } from "../../../../engine/ports.ts";
import { KeyedMutex } from "../../../../std/keyed-mutex.ts";
import { systemCode } from "../../process-faults.ts";
import { readRecord, type StateFolders, writeRecord } from "../../state-folders.ts";
import { Compactor } from "./compactor.ts";
import { LayerRecord, SnapshotRecord } from "./root-record.ts";

interface Layer {
  /** What lies below it, the newest first. */
  below: readonly string[];
  ownBytes: number;
  /** Whether it can be restored; otherwise it is only kept for those above it. */
  isSnapshot: boolean;
  /** One layer that holds the same as this and all below. */
  merged?: string;
}

/** A root that stands on more waits until they are fewer. Mount options have a page, in which twice as many fit. */
const MOST_LAYERS = 48;

/**
 * The snapshots on disk as layers of one another. What a deleted snapshot holds
 * stays as long as another one, or a root, stands on it. Deep stacks are made one
 * layer in the background, of which those that stand on the old ones notice nothing.
 */
export class Layers implements Disposable {
  readonly #folders: StateFolders;
  readonly #compactor: Compactor;
  readonly #layers = new Map<string, Layer>();
  /** One change of what is said of a snapshot after the other. */
  readonly #changes = new KeyedMutex();
  /** By root folder: the layers that it stands on. */
  readonly #inUse = new Map<string, readonly string[]>();

  static async open(folders: StateFolders, options: { log?: Log } = {}): Promise<Layers> {
    const layers = new Layers(folders, options);
    for (const id of await folders.list("snapshots")) await layers.#load(id);
    for (const folder of await folders.list("roots")) {
      const record = await readRecord(join(folders.root(folder), "root.json"), LayerRecord);
      if (record) layers.#inUse.set(folder, record.layers);
    }
    // What an engine was about to do when it ended.
    await layers.#rebase();
    await layers.#collect();
    return layers;
  }

  private constructor(folders: StateFolders, { log }: { log?: Log }) {
    this.#folders = folders;
    this.#compactor = new Compactor({
      folders,
      ...(log && { log }),
      stackOf: (id) => (this.#layers.get(id)?.isSnapshot ? this.#stack(id) : []),
      replace: (id, merged) => this.#replace(id, merged),
    });
  }

  /**
   * The layers that a root stands on which begins with the snapshot, the newest first. They stay until
   * the root is released, or is a snapshot itself. Throws `snapshot_gone`.
   */
  async holdStackOf(snapshotId: string, root: string): Promise<string[]> {
    this.#require(snapshotId);
    if (this.#stack(snapshotId).length > MOST_LAYERS) await this.#compactor.settled(snapshotId);
    this.#require(snapshotId);
    const stack = this.#stack(snapshotId);
    this.#inUse.set(root, stack);
    return stack;
  }

  /** The bytes of a snapshot's own layer and of those below it; undefined when there is no such snapshot. */
  sizeOf(snapshotId: string): number | undefined {
    if (!this.#layers.get(snapshotId)?.isSnapshot) return undefined;
    return this.#stack(snapshotId).reduce(
      (sum, id) => sum + (this.#layers.get(id)?.ownBytes ?? 0),
      0,
    );
  }

  /** What is held under one name is from now on held under another. */
  move(from: string, to: string): void {
    this.#inUse.set(to, this.#inUse.get(from) ?? []);
    this.#inUse.delete(from);
  }

  async release(root: string): Promise<void> {
    this.#inUse.delete(root);
    await this.#collect();
  }

  /** Makes a halted root's folder a snapshot, in one step. */
  async add(snapshotId: string, root: { folder: string; ownBytes: number }): Promise<void> {
    const { folder, ownBytes } = root;
    const directory = this.#folders.root(folder);
    await this.#lay(snapshotId, { folder, directory, ownBytes });
    this.#inUse.delete(folder);
    await this.#settle(snapshotId);
  }

  /** Makes a directory that holds a copy of a root's own files a snapshot of it, in one step. The root stays. */
  async addCopy(
    snapshotId: string,
    copy: { folder: string; directory: string; ownBytes: number },
  ): Promise<void> {
    await this.#lay(snapshotId, copy);
    await this.#settle(snapshotId);
  }

  async #lay(
    snapshotId: string,
    made: { folder: string; directory: string; ownBytes: number },
  ): Promise<void> {
    const { folder, directory, ownBytes } = made;
    const below = this.#settled(this.#inUse.get(folder) ?? []);
    await writeLayers(directory, below);
    await writeRecord(join(directory, "snapshot.json"), { ownBytes } satisfies SnapshotRecord);
    await this.#folders.placeSnapshot(directory, snapshotId);
    this.#layers.set(snapshotId, { below, ownBytes, isSnapshot: true });
  }

  // Those below may have been made one since they were looked at.
  async #settle(snapshotId: string): Promise<void> {
    await this.#rebase();
    await this.#collect();
    this.#compactor.consider(snapshotId);
  }

  /** Makes a folder of which every file is a layer's, and that lies on nothing, a snapshot. */
  async place(snapshotId: string, made: { directory: string; ownBytes: number }): Promise<void> {
    const { directory, ownBytes } = made;
    await writeRecord(join(directory, "root.json"), { layers: [] } satisfies LayerRecord);
    await writeRecord(join(directory, "snapshot.json"), { ownBytes } satisfies SnapshotRecord);
    await this.#folders.placeSnapshot(directory, snapshotId);
    this.#layers.set(snapshotId, { below: [], ownBytes, isSnapshot: true });
  }

  async delete(snapshotId: string): Promise<void> {
    await this.#changes.run(snapshotId, async () => {
      const layer = this.#layers.get(snapshotId);
      if (!layer?.isSnapshot) return;
      const directory = this.#folders.snapshot(snapshotId);
      // What it holds still counts for those above.
      await rename(join(directory, "snapshot.json"), join(directory, "layer.json"));
      layer.isSnapshot = false;
    });
    await this.#collect();
  }

  get snapshotIds(): string[] {
    return [...this.#layers].filter(([, { isSnapshot }]) => isSnapshot).map(([id]) => id);
  }

  /** Begins with what is deep already, once everything else is in its place. */
  compact(): void {
    for (const id of this.snapshotIds) this.#compactor.consider(id);
  }

  /** When nothing is being made one any more. */
  idle(): Promise<void> {
    return this.#compactor.idle();
  }

  [Symbol.dispose](): void {
    this.#compactor[Symbol.dispose]();
  }

  #require(snapshotId: string): void {
    if (this.#layers.get(snapshotId)?.isSnapshot) return;
    throw new SandboxError("snapshot_gone", `The files of snapshot ${snapshotId} are gone.`);
  }

  #stack(id: string): string[] {
    const layer = this.#layers.get(id);
    return layer?.merged === undefined ? [id, ...(layer?.below ?? [])] : [layer.merged];
  }

  /** From now on one layer stands for a snapshot's stack; false when nobody wants the snapshot any more. */
  async #replace(id: string, merged: { id: string; ownBytes: number }): Promise<boolean> {
    const isReplaced = await this.#changes.run(id, async () => {
      const layer = this.#layers.get(id);
      if (!layer?.isSnapshot) return false;
      const record: SnapshotRecord = { ownBytes: layer.ownBytes, merged: merged.id };
      await writeRecord(join(this.#folders.snapshot(id), "snapshot.json"), record);
      // Both at once: a layer that nobody stands on would be cleared away.
      this.#layers.set(merged.id, { below: [], ownBytes: merged.ownBytes, isSnapshot: false });
      layer.merged = merged.id;
      return true;
    });
    if (!isReplaced) return false;
    await this.#rebase();
    await this.#collect();
    return true;
  }

  /** Has those above a stack that was made one stand on that one. Each step may be the last of an engine's. */
  async #rebase(): Promise<void> {
    for (const [id, layer] of this.#layers) {
      const below = this.#settled(layer.below);
      if (below.length === layer.below.length || !this.#layers.has(id)) continue;
      try {
        await writeLayers(this.#folders.snapshot(id), below);
      } catch (error) {
        // It was cleared away meanwhile.
        if (systemCode(error) === "ENOENT" && !this.#layers.has(id)) continue;
        throw error;
      }
      layer.below = below;
    }
  }

  #settled(stack: readonly string[]): readonly string[] {
    for (const [index, id] of stack.entries()) {
      const layer = this.#layers.get(id);
      if (layer?.merged === undefined) continue;
      const rest = stack.slice(index + 1);
      if (rest.length !== layer.below.length || rest.some((one, at) => one !== layer.below[at])) {
        continue;
      }
      return [...stack.slice(0, index), layer.merged];
    }
    return stack;
  }

  // A layer names all that is below it, so that one look is enough.
  async #collect(): Promise<void> {
    const laidOn = new Set([...this.#inUse.values()].flat());
    for (const id of this.snapshotIds) for (const one of this.#stack(id)) laidOn.add(one);
    // First all are chosen, and then they go one by one: whatever is made meanwhile is none of them.
    const doomed: string[] = [];
    for (const [id, { isSnapshot, merged }] of this.#layers) {
      if (laidOn.has(id) || this.#compactor.reads(id)) continue;
      const directory = this.#folders.snapshot(id);
      if (!isSnapshot) {
        this.#layers.delete(id);
        doomed.push(directory);
        // Its record is all that is still needed.
      } else if (merged !== undefined) doomed.push(join(directory, "upper"));
    }
    for (const path of doomed) await this.#folders.discard(path);
  }

  async #load(id: string): Promise<void> {
    const directory = this.#folders.snapshot(id);
    const root = await readRecord(join(directory, "root.json"), LayerRecord);
    const snapshot = await readRecord(join(directory, "snapshot.json"), SnapshotRecord);
    // One that says nothing of itself is nobody's layer.
    if (!root) return this.#folders.discard(directory);
    const layer = snapshot ?? (await readRecord(join(directory, "layer.json"), SnapshotRecord));
    this.#layers.set(id, {
      below: root.layers,
      ownBytes: layer?.ownBytes ?? 0,
      isSnapshot: snapshot !== undefined,
      ...(layer?.merged !== undefined && { merged: layer.merged }),
    });
  }
}

/** Changes what a folder's record says of the layers below, and nothing else. */
async function writeLayers(directory: string, layers: readonly string[]): Promise<void> {
  const file = join(directory, "root.json");
  const record = await readRecord(file, LayerRecord.loose());
  await writeRecord(file, { ...record, layers });
}

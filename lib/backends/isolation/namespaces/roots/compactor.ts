import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Log } from "../../../../engine/ports.ts";
import { messageOf } from "../../../../std/message-of.ts";
import { removeTree } from "../../file-tree.ts";
import { type StateFolders, writeRecord } from "../../state-folders.ts";
import { measureDisk } from "./measure-disk.ts";
import { mergeLayers } from "./merge-layers.ts";
import type { LayerRecord, SnapshotRecord } from "./root-record.ts";

export interface CompactorOptions {
  folders: StateFolders;
  log?: Log;
  /** The layers of a snapshot, the newest first; none when there is no such snapshot any more. */
  stackOf(snapshotId: string): string[];
  /** Has the merged layer stand for the snapshot's stack; false when the snapshot is gone. */
  replace(snapshotId: string, merged: { id: string; ownBytes: number }): Promise<boolean>;
}

/** Each layer makes the lookup of a name, and so every start of a program, a little slower. */
const ENOUGH_LAYERS = 32;

/** Makes one layer of deep stacks, one stack after the other, beside whatever else is done. */
export class Compactor implements Disposable {
  readonly #options: CompactorOptions;
  readonly #ending = new AbortController();
  readonly #waiting = new Map<string, PromiseWithResolvers<void>>();
  #read: ReadonlySet<string> = new Set();
  #working: Promise<void> | undefined;

  constructor(options: CompactorOptions) {
    this.#options = options;
  }

  /** Whether a layer is being read, and must stay meanwhile. */
  reads(id: string): boolean {
    return this.#read.has(id);
  }

  /** Makes the snapshot's stack one layer when its turn comes, if it is deep by then. */
  consider(snapshotId: string): void {
    if (this.#ending.signal.aborted || this.#waiting.has(snapshotId)) return;
    if (this.#options.stackOf(snapshotId).length <= ENOUGH_LAYERS) return;
    this.#waiting.set(snapshotId, Promise.withResolvers());
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** When the snapshot had its turn, whatever came of it. */
  async settled(snapshotId: string): Promise<void> {
    this.consider(snapshotId);
    await this.#waiting.get(snapshotId)?.promise;
  }

  async idle(): Promise<void> {
    await this.#working;
  }

  [Symbol.dispose](): void {
    this.#ending.abort(new Error("the engine ends"));
  }

  async #work(): Promise<void> {
    for (const [id, { resolve }] of this.#waiting) {
      try {
        if (this.#options.stackOf(id).length > ENOUGH_LAYERS) await this.#compact(id);
      } catch (error) {
        this.#warn(id, error);
      }
      this.#waiting.delete(id);
      resolve();
    }
  }

  async #compact(snapshotId: string): Promise<void> {
    const { folders, stackOf, replace } = this.#options;
    const stack = stackOf(snapshotId);
    const making = folders.temporary();
    const id = `${snapshotId}~merged`;
    this.#read = new Set(stack);
    try {
      await mkdir(making, { mode: 0o711 });
      const upper = join(making, "upper");
      await mergeLayers(
        stack.map((one) => join(folders.snapshot(one), "upper")),
        { target: upper, signal: this.#ending.signal },
      );
      const ownBytes = await measureDisk(upper);
      await writeRecord(join(making, "layer.json"), { ownBytes } satisfies SnapshotRecord);
      await writeRecord(join(making, "root.json"), { layers: [] } satisfies LayerRecord);
      this.#ending.signal.throwIfAborted();
      await folders.placeSnapshot(making, id);
      this.#read = new Set();
      if (await replace(snapshotId, { id, ownBytes })) return;
      await folders.discard(folders.snapshot(id));
    } catch (error) {
      await removeTree(making);
      throw error;
    } finally {
      this.#read = new Set();
    }
  }

  #warn(snapshotId: string, error: unknown): void {
    if (this.#ending.signal.aborted) return;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    this.#options.log?.warn("a snapshot's layers could not be made one", {
      snapshotId,
      reason: messageOf(cause),
    });
  }
}

import type { Json, Log, PrepareRequest, Root } from "../../engine/ports.ts";
import { KeyedMutex } from "../../std/keyed-mutex.ts";
import { messageOf } from "../../std/message-of.ts";
import type { ExchangingIsolation } from "./exchange.ts";

export interface JoinedIsolationOptions {
  /** What sandboxes run with from now on. */
  current: ExchangingIsolation;
  /** What some ran with before: it only ends those, and gives its files away. */
  former: ExchangingIsolation;
  log?: Log;
}

/**
 * One isolation out of two that share a state folder, of which an engine has changed from one to the other. A
 * snapshot or a drive of the former's is the current's as soon as it is used. Sessions that the former began can
 * be adopted so that they can be ended: they bear its name, not this one's.
 */
export function joinedIsolation(options: JoinedIsolationOptions): Joined {
  return new JoinedIsolation(options);
}

type Joined = Omit<ExchangingIsolation, "exchange">;

class JoinedIsolation implements Joined {
  readonly name: ExchangingIsolation["name"];
  readonly #current: ExchangingIsolation;
  readonly #former: ExchangingIsolation;
  readonly #log: Log | undefined;
  readonly #mutex = new KeyedMutex();

  constructor({ current, former, log }: JoinedIsolationOptions) {
    this.#current = current;
    this.#former = former;
    this.#log = log;
    this.name = current.name;
  }

  get features(): ExchangingIsolation["features"] {
    return this.#current.features;
  }

  async prepare(request: PrepareRequest, options: { signal?: AbortSignal } = {}): Promise<Root> {
    await this.#fetchSnapshot(request, options);
    for (const { driveId } of request.mounts) await this.#fetchDrive(driveId);
    return this.#current.prepare(request, options);
  }

  async adopt(handle: Json): Promise<Root | undefined> {
    const own = await this.#current.adopt(handle);
    if (own) return own;
    try {
      return await this.#former.adopt(handle);
    } catch (error) {
      this.#log?.warn("a session of another isolation could not be taken up", {
        isolation: this.#former.name,
        reason: messageOf(error),
      });
      return undefined;
    }
  }

  async measureSnapshot(snapshotId: string): Promise<{ sizeBytes: number } | undefined> {
    const own = await this.#current.measureSnapshot(snapshotId);
    return own ?? this.#former.measureSnapshot(snapshotId);
  }

  /** Also while it is being fetched. */
  async deleteSnapshot(snapshotId: string): Promise<void> {
    await this.#mutex.run(snapshotId, async () => {
      await this.#former.deleteSnapshot(snapshotId);
      await this.#current.deleteSnapshot(snapshotId);
    });
  }

  async ensureDrive(driveId: string): Promise<void> {
    if (await this.#fetchDrive(driveId)) return;
    await this.#current.ensureDrive(driveId);
  }

  async deleteDrive(driveId: string): Promise<void> {
    await this.#mutex.run(driveId, async () => {
      await this.#former.deleteDrive(driveId);
      await this.#current.deleteDrive(driveId);
    });
  }

  async openDrive(driveId: string): ReturnType<ExchangingIsolation["openDrive"]> {
    await this.#fetchDrive(driveId);
    return this.#current.openDrive(driveId);
  }

  async copyDrive(sourceId: string, targetId: string): Promise<void> {
    await this.#fetchDrive(sourceId);
    await this.#current.copyDrive(sourceId, targetId);
  }

  async sweep(known: Parameters<ExchangingIsolation["sweep"]>[0]): Promise<void> {
    await this.#former.sweep(known);
    await this.#current.sweep(known);
  }

  discardPrefix(file: string, bytes: number): Promise<boolean> {
    return this.#current.discardPrefix(file, bytes);
  }

  [Symbol.dispose](): void {
    this.#former[Symbol.dispose]();
    this.#current[Symbol.dispose]();
  }

  /** Copied once: what was forked from it before still stands on the former's. */
  async #fetchSnapshot(
    { snapshotId, cwd, home }: PrepareRequest,
    options: { signal?: AbortSignal },
  ): Promise<void> {
    if (snapshotId === undefined) return;
    await this.#mutex.run(snapshotId, async () => {
      if (await this.#current.measureSnapshot(snapshotId)) return;
      if (!(await this.#former.measureSnapshot(snapshotId))) return;
      const [source, target] = await Promise.all([
        this.#former.exchange(),
        this.#current.exchange(),
      ]);
      const fill = (directory: string) => source.exportSnapshot(snapshotId, directory, options);
      await target.importSnapshot(snapshotId, fill, { cwd, home });
    });
  }

  /** Moved: a drive is one thing, whoever writes to it. False when there is none. */
  async #fetchDrive(driveId: string): Promise<boolean> {
    return this.#mutex.run(driveId, async () => {
      const [source, target] = await Promise.all([
        this.#former.exchange(),
        this.#current.exchange(),
      ]);
      const from = (await target.findDrive(driveId)) ?? (await source.findDrive(driveId));
      if (from === undefined) return false;
      await target.takeDrive(driveId, from);
      return true;
    });
  }
}

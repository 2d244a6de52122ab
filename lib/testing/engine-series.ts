import type { Engine } from "../engine/engine.ts";
import { ManualClock } from "./manual-clock.ts";
import { temporaryDirectory } from "./temporary-directory.ts";
import { type EngineParts, engineParts, startEngine } from "./temporary-engine.ts";

/** A state folder on which one engine follows another. */
export interface EngineSeries extends AsyncDisposable {
  readonly directory: string;
  readonly clock: ManualClock;
  /** The present one, and what it was made of. */
  readonly engine: Engine;
  readonly parts: EngineParts;
  /** Ends the engine and starts the next; `meanwhile` runs while there is none. */
  restart(meanwhile?: (store: EngineParts["store"]) => void | Promise<void>): Promise<Engine>;
}

/** Ending it stops every sandbox and deletes everything. */
export async function engineSeries(): Promise<EngineSeries> {
  const directory = await temporaryDirectory();
  const clock = new ManualClock();
  let parts = engineParts(directory.path, clock);
  let engine = await startEngine(parts);
  return {
    directory: directory.path,
    clock,
    get engine() {
      return engine;
    },
    get parts() {
      return parts;
    },
    async restart(meanwhile) {
      await engine[Symbol.asyncDispose]();
      await meanwhile?.(parts.store);
      parts.store.close();
      parts = engineParts(directory.path, clock);
      engine = await startEngine(parts);
      return engine;
    },
    async [Symbol.asyncDispose]() {
      for (const { name } of parts.store.sandboxes.all()) await engine.sandboxes.delete(name);
      await engine[Symbol.asyncDispose]();
      parts.store.close();
      await directory[Symbol.asyncDispose]();
    },
  };
}

import { isHeld } from "../store/run.ts";
import type { Engine } from "./engine.ts";
import { loseRun } from "./liveness.ts";

/**
 * Knows whether a `trigger dev` is there. When it has gone away and does not come back in time, or another one comes
 * in its place, the runs that it had are given up: their processes ended with it.
 */
export class Presence {
  readonly #engine: Engine;
  #connections = 0;
  /** Runs of which nothing was heard since the CLI went away. */
  readonly #suspects = new Set<string>();

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#suspect();
  }

  get connected(): boolean {
    return this.#connections > 0;
  }

  /** A CLI has connected. Call what it gives when the connection has ended. */
  connect(): () => void {
    this.#connections += 1;
    return () => {
      this.#connections -= 1;
      if (this.#connections === 0) this.#suspect();
    };
  }

  /** Something was heard of the run: its CLI is alive. */
  heard(runId: string): void {
    this.#suspects.delete(runId);
  }

  /** A CLI that has registered a worker has said before which runs it has. */
  registered(): void {
    this.#giveUp("Another `trigger dev` has taken over.");
  }

  #suspect(): void {
    for (const run of this.#engine.runs.unfinished()) {
      if (isHeld(run)) this.#suspects.add(run.id);
    }
    if (this.#suspects.size === 0) return;
    const { absenceMs } = this.#engine.options;
    this.#engine.alarms.set("presence", Date.now() + absenceMs, () =>
      this.#giveUp("`trigger dev` has gone away."),
    );
  }

  #giveUp(reason: string): void {
    this.#engine.alarms.clear("presence");
    const lost = [...this.#suspects];
    this.#suspects.clear();
    for (const id of lost) {
      const run = this.#engine.runs.find(id);
      if (run) loseRun(this.#engine, run, reason);
    }
  }
}

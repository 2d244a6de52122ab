import { generateFriendlyId } from "@trigger.dev/core/v3/isomorphic";
import { BatchStore } from "../store/batch-store.ts";
import { Database } from "../store/open-database.ts";
import { prune } from "../store/prune.ts";
import { isHeld, type Run } from "../store/run.ts";
import { RunStore } from "../store/run-store.ts";
import { SessionStore } from "../store/session-store.ts";
import { StreamStore } from "../store/stream-store.ts";
import { WaitpointStore } from "../store/waitpoint-store.ts";
import { WorkerStore } from "../store/worker-store.ts";
import { Alarms } from "./alarms.ts";
import { Changes } from "./changes.ts";
import type { EngineOptions } from "./options.ts";

// A worker is one or two snapshots behind at most.
const SNAPSHOTS_KEPT = 20;

/** What the steps of the engine work on. All of it is synchronous, so that a step is never seen half done. */
export class Engine implements Disposable {
  readonly changes = new Changes();
  readonly alarms = new Alarms();
  readonly options: EngineOptions;
  readonly runs: RunStore;
  readonly waitpoints: WaitpointStore;
  readonly sessions: SessionStore;
  readonly streams: StreamStore;
  readonly workers: WorkerStore;
  readonly batches: BatchStore;
  /** Tells the worker of a run that its snapshot has changed. */
  notify: (runId: string) => void = () => {};
  readonly #database: Database;

  constructor(file: string, options: EngineOptions) {
    this.options = options;
    this.#database = new Database(file);
    prune(this.#database);
    this.runs = new RunStore(this.#database, (run) => this.#changed(run));
    this.waitpoints = new WaitpointStore(this.#database);
    this.sessions = new SessionStore(this.#database);
    this.streams = new StreamStore(this.#database, (name) =>
      this.changes.announce(`stream:${name}`),
    );
    this.workers = new WorkerStore(this.#database);
    this.batches = new BatchStore(this.#database);
  }

  /** Gives the run a new snapshot. The caller saves it. */
  enter(run: Run, executionStatus: Run["snapshot"]["executionStatus"], description: string): void {
    run.snapshot = {
      id: generateFriendlyId("snapshot"),
      executionStatus,
      description,
      createdAt: Date.now(),
    };
    run.attemptSnapshots = [...run.attemptSnapshots, run.snapshot.id].slice(-SNAPSHOTS_KEPT);
    if (isHeld(run)) run.heartbeatAt = Date.now();
  }

  [Symbol.dispose](): void {
    this.alarms[Symbol.dispose]();
    this.#database[Symbol.dispose]();
  }

  #changed(run: Run): void {
    const { executionStatus } = run.snapshot;
    if (executionStatus === "QUEUED" || executionStatus === "FINISHED") {
      this.changes.announce("queue");
    }
    this.changes.announce(`run:${run.id}`);
    this.changes.announce("runs");
  }
}

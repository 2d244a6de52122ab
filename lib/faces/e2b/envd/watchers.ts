import type { RpcCall } from "./connect-rpc.ts";
import { Refusal } from "./connect-codes.ts";
import type { FilesystemEvent } from "./wire-filesystem.ts";
import { randomText } from "../../../std/ids.ts";

// What one who never asks may make us hold. The vendor's servers have no bound.
const HELD_EVENTS = 20_000;
// Long enough to be told why it ended, by one who asks now and then.
const REMEMBERED_MS = 60_000;

interface Watcher {
  sessionId: string;
  events: FilesystemEvent[];
  end: AbortController;
  failure?: unknown;
}

/** Watched directories whose events are kept until they are asked for: for clients that hold no stream open. */
export class Watchers {
  readonly #all = new Map<string, Watcher>();

  /** Resolves when everything from then on is seen. `watch` yields nothing before that but `undefined`. */
  async create(
    sessionId: string,
    watch: (signal: AbortSignal) => AsyncGenerator<FilesystemEvent | undefined, void, void>,
  ): Promise<string> {
    const id = randomText(20);
    const end = new AbortController();
    const events = watch(end.signal);
    await events.next();
    const watcher: Watcher = { sessionId, events: [], end };
    this.#all.set(id, watcher);
    void this.#collect(watcher, events).finally(() => {
      setTimeout(() => this.#all.delete(id), REMEMBERED_MS).unref();
    });
    return id;
  }

  /** What happened since it was last asked. Throws Refusal, or that by which the watch failed. */
  take(id: string, call: RpcCall): FilesystemEvent[] {
    const watcher = this.#find(id, call);
    const events = watcher.events.splice(0);
    if (events.length === 0 && watcher.failure !== undefined) throw watcher.failure;
    return events;
  }

  remove(id: string, call: RpcCall): void {
    this.#find(id, call).end.abort();
    this.#all.delete(id);
  }

  #find(id: string, { sandbox }: RpcCall): Watcher {
    const watcher = this.#all.get(id);
    if (watcher?.sessionId === sandbox.currentSessionId) return watcher;
    throw new Refusal("not_found", `watcher with id ${id} not found`);
  }

  /** Never rejects: a failure is for whom asks next. */
  async #collect(
    watcher: Watcher,
    events: AsyncGenerator<FilesystemEvent | undefined, void, void>,
  ): Promise<void> {
    try {
      for await (const event of events) {
        if (event) watcher.events.push(event);
        if (watcher.events.length < HELD_EVENTS) continue;
        watcher.failure = new Refusal(
          "resource_exhausted",
          `More than ${HELD_EVENTS} events were not asked for; the watcher has ended.`,
        );
        return;
      }
    } catch (error) {
      watcher.failure = error;
    }
  }
}

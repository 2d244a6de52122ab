import { EventEmitter } from "node:events";
import type { ProjectEvent } from "../../contract/events.ts";

/** Tells everyone who has a project open what happens in it. Listeners must not throw. */
export class ProjectEvents {
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  emit(projectId: string, event: ProjectEvent): void {
    this.#emitter.emit(projectId, event);
  }

  /** Whether anybody has it open. */
  isWatched(projectId: string): boolean {
    return this.#emitter.listenerCount(projectId) > 0;
  }

  /** Calls the listener for each event until the result is disposed of. */
  subscribe(projectId: string, listener: (event: ProjectEvent) => void): Disposable {
    this.#emitter.on(projectId, listener);
    return { [Symbol.dispose]: () => void this.#emitter.off(projectId, listener) };
  }
}

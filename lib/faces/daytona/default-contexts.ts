import type { Session } from "../../contract/sandbox.ts";
import type { Engine, Waiting } from "../../engine/engine.ts";
import { interpreters } from "../../engine/interpreters.ts";
import { KeyedMutex } from "../../std/keyed-mutex.ts";

/** Where code runs that names no place: one per session of the engine's, made for the first of it. */
export class DefaultContexts {
  readonly #engine: Engine;
  readonly #bySession = new Map<string, string>();
  readonly #making = new KeyedMutex();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  has(id: string): boolean {
    return [...this.#bySession.values()].includes(id);
  }

  async of({ id: sessionId }: Session, options: Waiting): Promise<string> {
    return this.#making.run(sessionId, async () => {
      const contexts = interpreters(this.#engine);
      const known = this.#bySession.get(sessionId);
      if (contexts.list(sessionId).some(({ id }) => id === known)) return known ?? "";
      const { id } = await contexts.create(sessionId, { language: "python" }, options);
      this.#bySession.set(sessionId, id);
      return id;
    });
  }
}

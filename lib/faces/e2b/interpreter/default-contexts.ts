import type { SandboxTarget } from "../sandbox-service.ts";
import type {
  InterpreterContext,
  InterpreterLanguage,
  Interpreters,
} from "../../../engine/interpreters.ts";
import { KeyedMutex } from "../../../std/keyed-mutex.ts";

/** The context of each language that is meant when none is named; started when it is first needed. */
export class DefaultContexts {
  readonly #all: Interpreters;
  readonly #ids = new Map<string, string>();
  readonly #starting = new KeyedMutex();

  constructor(all: Interpreters) {
    this.#all = all;
  }

  async get(
    language: InterpreterLanguage,
    { sandbox }: SandboxTarget,
  ): Promise<InterpreterContext> {
    const sessionId = sandbox.currentSessionId;
    const key = `${sessionId} ${language}`;
    return this.#starting.run(key, async () => {
      const there = this.#all.list(sessionId).find(({ id }) => id === this.#ids.get(key));
      if (there) return there;
      const made = await this.#all.create(sessionId, { language, cwd: sandbox.cwd });
      this.#ids.set(key, made.id);
      return made;
    });
  }
}

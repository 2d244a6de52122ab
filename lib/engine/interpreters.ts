import { SandboxError } from "../contract/errors.ts";
import { abortable } from "../std/abortable.ts";
import { newId } from "../std/ids.ts";
import { KeyedMutex } from "../std/keyed-mutex.ts";
import type { Engine, Waiting } from "./engine.ts";
import { Kernel, type KernelOptions } from "./interpreter/kernel.ts";
import type { Json } from "./ports.ts";

// Code that runs piece by piece in a sandbox, as in a notebook. It needs nothing of the engine's but commands: each
// context is one, so that it sees what commands see.

export type InterpreterLanguage = "python" | "javascript" | "typescript" | "bash";

/** A place where code runs and leaves its variables for what runs there next. */
export interface InterpreterContext {
  id: string;
  language: InterpreterLanguage;
  cwd: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  /** What runs the code, with its version: `ipykernel …` where the sandbox has one, `built-in, Python …`, `bash …`. */
  kernel: string;
}

export type InterpreterEvent =
  | { type: "stdout" | "stderr"; text: string }
  /** The value of the last expression (`isMain`), or what the code wanted shown: by media types, bytes in Base64. */
  | { type: "result"; isMain: boolean; formats: Record<string, Json> }
  | { type: "error"; name: string; value: string; traceback: string }
  /** How many pieces of code the context has run, with this one. */
  | { type: "count"; executionCount: number };

interface ExecuteRequest {
  contextId: string;
  code: string;
  /** For this piece of code alone: what the variables were before is put back afterwards. */
  env?: Record<string, string>;
  timeoutMs?: number;
}

/** Contexts live in memory: they end with their session, and with the engine. Unknown ones throw `not_found`. */
export interface Interpreters {
  /**
   * Returns when it takes code. Throws `unsupported` where the sandbox has no program for the language,
   * `directory_not_found`. Python is ipykernel's where the sandbox has it, but for SANDLOT_PYTHON_KERNEL=built-in
   * among the variables.
   */
  create(
    sessionId: string,
    request: { language: InterpreterLanguage; cwd?: string; env?: Record<string, string> },
    options?: Waiting,
  ): Promise<InterpreterContext>;
  /** The oldest first. */
  list(sessionId: string): InterpreterContext[];
  get(sessionId: string, id: string): InterpreterContext;
  /** Whether a command is what runs a context's code: none that a caller has started. */
  owns(sessionId: string, commandId: string): boolean;
  /** Keeps the id and the directory, nothing else. Code that runs there fails by the name ContextRestarting. */
  restart(sessionId: string, id: string): Promise<InterpreterContext>;
  delete(sessionId: string, id: string): Promise<void>;
  /**
   * Runs code, one piece at a time per context: others wait. Its errors are events; throws only what keeps it from
   * running. A reader that leaves, the signal and the time limit interrupt it, and its state stays.
   */
  execute(
    sessionId: string,
    request: ExecuteRequest,
    options?: Waiting,
  ): AsyncGenerator<InterpreterEvent, void, void>;
}

interface Held {
  context: InterpreterContext;
  kernel: Kernel;
  options: KernelOptions;
}

type Ground = Pick<Engine, "commands" | "sessions">;

const known = new WeakMap<Ground["commands"], Interpreters>();

/** The same for the same engine, whoever asks: its contexts are seen through every face. */
export function interpreters(engine: Ground): Interpreters {
  const made = known.get(engine.commands) ?? makeInterpreters(engine);
  known.set(engine.commands, made);
  return made;
}

function makeInterpreters({ commands, sessions }: Ground): Interpreters {
  const bySession = new Map<string, Map<string, Held>>();
  /** Per context: whose code runs. */
  const turns = new KeyedMutex();
  /** Per context: who starts or ends its kernel, so that there is never a second one. */
  const changes = new KeyedMutex();

  function find(sessionId: string, id: string): Held {
    const held = bySession.get(sessionId)?.get(id);
    if (held) return held;
    throw new SandboxError("not_found", `Context ${id} not found`);
  }

  async function start(
    context: Omit<InterpreterContext, "kernel">,
    place: Held["options"],
    waiting: Waiting,
  ) {
    const kernel = await Kernel.start(place, waiting);
    const held = { context: { ...context, kernel: await kernel.name() }, kernel, options: place };
    const contexts = bySession.get(place.sessionId) ?? new Map<string, Held>();
    bySession.set(place.sessionId, contexts.set(context.id, held));
    void kernel.over().then(() => forgetIfEnded(place.sessionId));
    return held;
  }

  /** A session that has ended takes its contexts along; a kernel that died alone is started anew by who needs it. */
  async function forgetIfEnded(sessionId: string): Promise<void> {
    const state = await sessions.get(sessionId).catch(() => undefined);
    if (state?.session.status !== "running") bySession.delete(sessionId);
  }

  /** The context with a kernel that takes code: where the last has ended, a new one. */
  async function alive(sessionId: string, id: string, waiting: Waiting = {}): Promise<Held> {
    return changes.run(id, async () => {
      const held = find(sessionId, id);
      return held.kernel.isOver ? start(held.context, held.options, waiting) : held;
    });
  }

  return {
    async create(sessionId, { language, cwd, env = {} }, waiting = {}) {
      const { session } = await sessions.get(sessionId);
      const directory = cwd ?? session.cwd;
      const options = { commands, sessionId, language, cwd: directory, env };
      const context = { id: newId("ctx"), language, cwd: directory, createdAt: Date.now() };
      return (await start(context, options, waiting)).context;
    },
    list: (sessionId) =>
      [...(bySession.get(sessionId)?.values() ?? [])]
        .map(({ context }) => context)
        .toSorted((a, b) => a.createdAt - b.createdAt),
    get: (sessionId, id) => find(sessionId, id).context,
    owns: (sessionId, commandId) =>
      [...(bySession.get(sessionId)?.values() ?? [])].some(
        ({ kernel }) => kernel.commandId === commandId,
      ),
    async restart(sessionId, id) {
      const held = find(sessionId, id);
      await held.kernel.stop({ name: "ContextRestarting", value: "Context was restarted" });
      return (await alive(sessionId, id)).context;
    },
    async delete(sessionId, id) {
      find(sessionId, id);
      await changes.run(id, async () => {
        const { kernel } = find(sessionId, id);
        bySession.get(sessionId)?.delete(id);
        await kernel.stop({ name: "ContextDeleted", value: "Context was deleted" });
      });
    },
    async *execute(sessionId, { contextId, code, env = {}, timeoutMs }, waiting = {}) {
      find(sessionId, contextId);
      const turn = Promise.withResolvers<void>();
      const mine = Promise.withResolvers<void>();
      // Never rejects, and ends with the turn; whoever leaves before it is not waited for.
      void turns.run(contextId, async () => {
        mine.resolve();
        await turn.promise;
      });
      try {
        await abortable(mine.promise, waiting.signal);
        const { kernel } = await alive(sessionId, contextId, waiting);
        const request = { code, env, ...(timeoutMs !== undefined && { timeoutMs }) };
        yield* kernel.execute(request, waiting);
      } finally {
        turn.resolve();
      }
    },
  };
}

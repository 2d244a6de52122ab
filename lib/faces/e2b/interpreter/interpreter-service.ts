import type * as z from "zod";
import {
  type InterpreterContext,
  type InterpreterEvent,
  interpreters,
} from "../../../engine/interpreters.ts";
import { keepAliveStream } from "../../../std/keep-alive-stream.ts";
import { isSameSecret } from "../../../std/same-secret.ts";
import { failureOf } from "../envd/connect-codes.ts";
import { readJsonBody } from "../envd/json-body.ts";
import type { FaultContext } from "../faults.ts";
import {
  type E2bContext,
  type SandboxService,
  sandboxService,
  type SandboxTarget,
  type ServiceTarget,
} from "../sandbox-service.ts";
import { DefaultContexts } from "./default-contexts.ts";
import { ContextBody, END, ExecuteBody, presentContext, presentEvent } from "./wire-interpreter.ts";

/** What a request's handler throws to answer by just that. */
class Answer extends Error {
  override readonly name = "Answer";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

// A blank before a line means nothing to whoever reads it as JSON; an empty line would be a mistake.
const FILLER = " ";
const SILENCE_MS = 20_000;

/**
 * What the vendor's template `code-interpreter-v1` runs on port 49999: code in contexts, one JSON object per line of
 * the answer. Every sandbox has it here. Running code takes the sandbox's token; the vendor's clients send none for
 * the contexts, which are as open as any port of the sandbox.
 */
export function interpreterService(context: E2bContext): SandboxService {
  const { engine, log } = context;
  const all = interpreters(engine);
  const defaults = new DefaultContexts(all);
  return sandboxService(answer, { log, failed });

  async function answer(
    request: Request,
    { pathname, ...target }: ServiceTarget,
  ): Promise<Response> {
    const sessionId = target.session.id;
    switch (`${request.method} ${pathname}`) {
      case "GET /health":
        return Response.json("OK");
      case "POST /execute":
        return execute(request, target);
      case "GET /contexts": {
        // The vendor's two are there from the start.
        await Promise.all([defaults.get("python", target), defaults.get("javascript", target)]);
        return Response.json(all.list(sessionId).map(presentContext));
      }
      case "POST /contexts": {
        const { language, cwd } = await readBody(request, ContextBody);
        const made = await all.create(
          sessionId,
          { language: language ?? "python", cwd: cwd ?? target.sandbox.cwd },
          { signal: request.signal },
        );
        return Response.json(presentContext(made));
      }
    }
    // Nothing in an id is ever encoded.
    const [, id, action] = /^\/contexts\/([^/]+)(\/restart)?$/.exec(pathname) ?? [];
    if (id !== undefined && request.method === "POST" && action) {
      await all.restart(sessionId, id);
      return Response.json(null);
    }
    if (id !== undefined && request.method === "DELETE" && !action) {
      await all.delete(sessionId, id);
      return Response.json(null);
    }
    throw new Answer(404, "Not Found");
  }

  async function execute(request: Request, target: SandboxTarget): Promise<Response> {
    const token = context.tokens.ofSandbox(target.sandbox.id);
    if (!isSameSecret(request.headers.get("x-access-token"), token)) {
      throw new Answer(401, "Unauthorized");
    }
    const body = await readBody(request, ExecuteBody);
    if (body.context_id && body.language) {
      throw new Answer(400, "Only one of context_id or language can be provided");
    }
    const chosen = body.context_id
      ? all.get(target.session.id, body.context_id)
      : await defaults.get(body.language ?? "python", target);
    const reader = new AbortController();
    const events = all.execute(
      target.session.id,
      { contextId: chosen.id, code: body.code, env: body.env_vars ?? {} },
      { signal: AbortSignal.any([request.signal, reader.signal]) },
    );
    const answered = keepAliveStream(lines(events, { chosen, request }), {
      filler: FILLER,
      silenceMs: SILENCE_MS,
      leave: (reason) => reader.abort(reason),
    });
    return new Response(answered, {
      headers: { "content-type": "application/json", "cache-control": "no-store" },
    });
  }

  async function* lines(
    events: AsyncGenerator<InterpreterEvent, void, void>,
    { chosen, request }: { chosen: InterpreterContext; request: Request },
  ): AsyncGenerator<string, void, void> {
    try {
      for await (const event of events) yield line(presentEvent(event, chosen.language));
    } catch (error) {
      request.signal.throwIfAborted();
      const { code, message } = failureOf(error, { log, during: "POST /execute" });
      yield line({ type: "error", name: code, value: message, traceback: "" });
    }
    yield line(END);
  }
}

function failed(error: unknown, context: FaultContext): Response {
  if (error instanceof Answer) return plain(error.status, error.message);
  const { status, message } = failureOf(error, context);
  return plain(status, message);
}

function line(message: object): string {
  return `${JSON.stringify(message)}\n`;
}

function plain(status: number, message: string): Response {
  return new Response(message, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8" },
  });
}

/** A body that is JSON and yet not what is asked for is the vendor's 422, its detail as FastAPI tells it. */
async function readBody<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  const parsed = schema.safeParse(await readJsonBody(request));
  if (parsed.success) return parsed.data;
  const detail = parsed.error.issues.map(({ path, message }) => ({
    loc: ["body", ...path.map(String)],
    msg: message,
    type: "value_error",
  }));
  throw new Answer(422, JSON.stringify({ detail }));
}

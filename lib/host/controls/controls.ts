import type * as z from "zod";
import { explainIssues } from "../../contract/explain-issues.ts";
import { SandboxError } from "../../contract/errors.ts";
import type { Engine } from "../../engine/engine.ts";
import type { Face } from "../../engine/face.ts";
import type { FaceName } from "../face-mounts.ts";
import { faultAnswer } from "../fault-answer.ts";
import type { SteerableClock } from "../steerable-clock.ts";
import {
  AdvanceRequest,
  type ClockAnswer,
  CONTROLS_PATH,
  ExpireRequest,
  FaultRule,
} from "./control-words.ts";
import { equipFace } from "./equip-face.ts";
import { FaultBook } from "./fault-book.ts";
import { RequestLog } from "./request-log.ts";

// The deadline is an instant from now, and the clock is moved over it at once.
const INSTANT_MS = 1;

/** What tests can do to an engine, below `/sandlot/test`. */
export class Controls {
  readonly faults = new FaultBook();
  readonly requests = new RequestLog();
  readonly #engine: Engine;
  readonly #clock: SteerableClock;

  constructor({ engine, clock }: { engine: Engine; clock: SteerableClock }) {
    this.#engine = engine;
    this.#clock = clock;
  }

  /** The same face, under the eyes of tests. */
  equip(name: FaceName, face: Face): Face {
    const { faults, requests } = this;
    return equipFace(name, face, { engine: this.#engine, faults, requests });
  }

  /** Undefined for a path that is none of theirs. Errors are answers, as everywhere under `/sandlot`. */
  async answer(request: Request): Promise<Response | undefined> {
    const { pathname, searchParams } = new URL(request.url);
    const path = pathname.slice(CONTROLS_PATH.length);
    try {
      switch (`${request.method} ${path}`) {
        case "GET /clock":
          return Response.json(this.#time());
        case "POST /clock/advance": {
          const { ms } = await read(request, AdvanceRequest);
          await this.#clock.advance(ms);
          return Response.json(this.#time());
        }
        case "POST /clock/expire": {
          const { sandbox } = await read(request, ExpireRequest);
          await this.#expire(sandbox);
          return Response.json(this.#time());
        }
        case "GET /faults":
          return Response.json({ faults: this.faults.list() });
        case "POST /faults":
          return Response.json(this.faults.add(await read(request, FaultRule)), { status: 201 });
        case "DELETE /faults":
          return Response.json({ cleared: this.#clear(searchParams.get("id") ?? undefined) });
        case "GET /requests":
          return searchParams.has("follow")
            ? this.#follow(request.signal)
            : Response.json({ requests: this.requests.list() });
        case "DELETE /requests":
          this.requests.clear();
          return Response.json({});
        default:
          return undefined;
      }
    } catch (error) {
      if (!SandboxError.is(error)) throw error;
      return faultAnswer(error.code, error.message);
    }
  }

  #time(): ClockAnswer {
    return { now: this.#clock.now(), aheadMs: this.#clock.aheadMs };
  }

  /** Ends the sandbox's session as its timeout would, and returns when that is over. */
  async #expire(nameOrId: string): Promise<void> {
    const { session } = await this.#find(nameOrId);
    await this.#engine.sessions.setTimeout(session.id, INSTANT_MS);
    await this.#clock.advance(INSTANT_MS);
  }

  async #find(nameOrId: string) {
    try {
      return await this.#engine.sandboxes.get(nameOrId);
    } catch (error) {
      if (!SandboxError.is(error) || error.code !== "sandbox_not_found") throw error;
      return this.#engine.sandboxes.byId(nameOrId);
    }
  }

  #clear(id: string | undefined): number {
    const cleared = this.faults.clear(id);
    if (id === undefined || cleared > 0) return cleared;
    throw new SandboxError("not_found", `There is no fault ${id}. \`sandlot faults\` lists them.`);
  }

  #follow(signal: AbortSignal): Response {
    const left = new AbortController();
    const entries = this.requests.follow(AbortSignal.any([signal, left.signal]));
    const encoder = new TextEncoder();
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        const { done, value } = await entries.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(`${JSON.stringify(value)}\n`));
      },
      cancel: (reason) => left.abort(reason),
    });
    return new Response(body, { headers: { "content-type": "application/x-ndjson" } });
  }
}

async function read<Schema extends z.ZodType>(
  request: Request,
  schema: Schema,
): Promise<z.output<Schema>> {
  const input: unknown = await request.json().catch(() => undefined);
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = explainIssues(parsed.error.issues, input, "this request");
  throw new SandboxError("invalid_request", problems);
}

/** Why an engine has none of this. */
export function controlsAreOff(): Response {
  const message =
    "This engine was opened without test controls. Set SANDLOT_TEST_CONTROLS=1 and start it anew (`sandlot daemon stop` ends a daemon).";
  return faultAnswer("unsupported", message);
}

import { SandboxError } from "../../contract/errors.ts";
import type { Sandbox } from "../../contract/sandbox.ts";
import type { RequestHead, SocketForward } from "../../engine/face.ts";
import { isSameSecret } from "../../std/same-secret.ts";
import { refusal } from "./answers.ts";
import { wireError } from "./faults.ts";
import { keptOf } from "./kept.ts";
import type { E2bContext, SandboxService, SandboxTarget } from "./sandbox-service.ts";

/** Where the vendor's own services listen in a sandbox. */
export const ENVD_PORT = 49_983;
export const INTERPRETER_PORT = 49_999;

const TRAFFIC_TOKEN = "e2b-traffic-access-token";
const ROUTING_HEADERS = ["e2b-sandbox-id", "e2b-sandbox-port", TRAFFIC_TOKEN];

/** A port of a sandbox, as a request names it. */
export interface PortAddress {
  sandboxId: string;
  port: number;
}

/**
 * The sandbox's port that a request is for, by its headers or by its host name (`<port>-<id>.<domain>`);
 * undefined when it is for the control API. A port that is none is 0.
 */
export function portAddress({ headers, url }: RequestHead): PortAddress | undefined {
  const sandboxId = headers.get("e2b-sandbox-id");
  if (sandboxId !== null) {
    return { sandboxId, port: toPort(headers.get("e2b-sandbox-port") ?? String(ENVD_PORT)) };
  }
  const named = /^(\d{1,5})-([a-z0-9]+)\./.exec(new URL(url).hostname);
  return named ? { sandboxId: named[2] ?? "", port: toPort(named[1] ?? "") } : undefined;
}

function toPort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  return port <= 65_535 ? port : 0;
}

/** What stands behind the ports of the sandboxes: the vendor's services, and whatever listens there. */
export class SandboxPorts {
  readonly #context: E2bContext;
  readonly #services: ReadonlyMap<number, SandboxService>;

  constructor({
    context,
    services,
  }: {
    context: E2bContext;
    services: ReadonlyMap<number, SandboxService>;
  }) {
    this.#context = context;
    this.#services = services;
  }

  async fetch(request: Request, address: PortAddress): Promise<Response> {
    const target = await this.#reach(request, address);
    if (target instanceof Response) return target;
    const { sandbox, session } = target;
    const service = this.#services.get(address.port);
    if (service) return service.fetch(this.#authorized(request, target), target);
    const { engine, forward } = this.#context;
    const route = await engine.sessions.route(session.id, address.port);
    const answer = await forward(request, route, {
      without: ROUTING_HEADERS,
      ...this.#maskedHost(target, address.port),
    });
    return isClosedPort(answer) ? closedPort(sandbox.id, { port: address.port, answer }) : answer;
  }

  async connect(request: Request, address: PortAddress): Promise<Response | SocketForward> {
    const target = await this.#reach(request, address);
    if (target instanceof Response) return target;
    if (this.#services.has(address.port)) {
      return refusal({ code: 400, message: "There is no WebSocket at this port's services." });
    }
    const { engine } = this.#context;
    return {
      forward: await engine.sessions.route(target.session.id, address.port),
      without: ROUTING_HEADERS,
      ...this.#maskedHost(target, address.port),
    };
  }

  /** The sandbox behind the address, running; or the answer of whoever stands before it at the vendor's. */
  async #reach(
    request: Request,
    { sandboxId, port }: PortAddress,
  ): Promise<SandboxTarget | Response> {
    const { engine, log } = this.#context;
    if (port === 0)
      return refusal({ code: 400, message: "The port must be 1 to 65535.", sandboxId });
    try {
      const view = await engine.sandboxes.byId(sandboxId);
      const { sandbox, session } = view;
      // Asked first: who may not pass wakes nothing, either.
      if (!this.#isAdmitted(request, { sandbox, port })) {
        const message = `The sandbox is closed to public traffic: send its token as ${TRAFFIC_TOKEN}.`;
        return refusal({ code: 403, message, sandboxId });
      }
      if (session.status === "running") return view;
      if (sandbox.autoResume) {
        const { signal } = request;
        return await engine.sandboxes.get(sandbox.name, { resume: true, signal });
      }
      return unreachable(sandboxId, `The sandbox is ${sandbox.status}: connect to it first.`);
    } catch (error) {
      request.signal.throwIfAborted();
      if (SandboxError.is(error) && error.code === "sandbox_not_found") {
        return unreachable(sandboxId, "The sandbox was not found.");
      }
      return unreachable(sandboxId, wireError(error, { log, during: "reaching a port" }).message);
    }
  }

  /** The vendor's daemon asks for a token of its own. */
  #isAdmitted(request: Request, { sandbox, port }: { sandbox: Sandbox; port: number }): boolean {
    if (port === ENVD_PORT || keptOf(sandbox).allowPublicTraffic) return true;
    const token = this.#context.tokens.ofTraffic(sandbox.id);
    return isSameSecret(request.headers.get(TRAFFIC_TOKEN), token);
  }

  /** Of a sandbox that was made open, callers have no token to send. */
  #authorized(request: Request, { sandbox }: SandboxTarget): Request {
    if (keptOf(sandbox).secure) return request;
    const headers = new Headers(request.headers);
    headers.set("x-access-token", this.#context.tokens.ofSandbox(sandbox.id));
    return new Request(request, { headers });
  }

  #maskedHost({ sandbox }: SandboxTarget, port: number): { host?: string } {
    const { maskRequestHost } = keptOf(sandbox);
    return maskRequestHost === undefined
      ? {}
      : { host: maskRequestHost.replaceAll("${PORT}", String(port)) };
  }
}

// The clients take 502 for a sandbox that is gone, and tell which by the body's fields.
function unreachable(sandboxId: string, message: string): Response {
  return refusal({ code: 502, message, sandboxId });
}

// What listens inside may answer 502 itself; only ours carries the mark.
function isClosedPort(answer: Response): boolean {
  return answer.status === 502 && answer.headers.has("x-sandlot-error");
}

function closedPort(
  sandboxId: string,
  { port, answer }: { port: number; answer: Response },
): Response {
  // A browser keeps the page, which loads itself again once something listens.
  if (answer.headers.get("content-type")?.startsWith("text/html")) return answer;
  void answer.body?.cancel().catch(() => undefined);
  const message = "The sandbox is running but port is not open";
  return refusal({ code: 502, message, sandboxId, port });
}

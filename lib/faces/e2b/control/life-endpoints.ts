import { SandboxError } from "../../../contract/errors.ts";
import type { SandboxView } from "../../../engine/engine.ts";
import { networkNotice } from "../../../engine/network-notice.ts";
import type { Call, Endpoint } from "../../../engine/face-request.ts";
import { withoutUndefined } from "../../../std/without-undefined.ts";
import { json, nothing } from "../answers.ts";
import { keptOf } from "../kept.ts";
import type { E2bContext } from "../sandbox-service.ts";
import { readBody } from "./read-request.ts";
import { endAt, presentSandbox, stateOf } from "./present-sandbox.ts";
import { keptNetwork, toNetworkPolicy, WireNetworkUpdate } from "./wire-network.ts";
import {
  ConnectBody,
  ConnectBodyV2,
  PauseBody,
  RefreshBody,
  ResumeBody,
  TimeoutBody,
  toTimeoutMs,
} from "./wire-sandbox.ts";

/** What is done to a sandbox while it lives: its time, its state, its network. */
export function lifeEndpoints(context: E2bContext): Endpoint[] {
  const { engine, clock } = context;

  /** Its time only ever grows by this. */
  async function extend({ sandbox, session }: SandboxView, timeoutMs: number): Promise<void> {
    if (clock.now() + timeoutMs <= endAt(sandbox, session)) return;
    await engine.sessions.setTimeout(session.id, timeoutMs);
  }

  async function resume(
    { request }: Call,
    { sandbox }: SandboxView,
    wanted: { timeout: number; memory: boolean },
  ): Promise<{ view: SandboxView; resumed: boolean }> {
    const timeoutMs = toTimeoutMs(wanted.timeout);
    const { resumed, ...view } = await engine.sandboxes.get(sandbox.name, {
      resume: true,
      memory: wanted.memory,
      timeoutMs,
      signal: request.signal,
    });
    if (!resumed) await extend(view, timeoutMs);
    return { view, resumed };
  }

  async function connect(
    call: Call,
    wanted: { timeout: number; memory: boolean },
  ): Promise<Response> {
    const before = await engine.sandboxes.byId(call.parameter("id"));
    const { view, resumed } = await resume(call, before, wanted);
    return json(presentSandbox(view.sandbox, context), { status: resumed ? 201 : 200 });
  }

  return [
    {
      method: "POST",
      path: "/v2/sandboxes/:id/connect",
      answer: async (call) => connect(call, await readBody(call, ConnectBodyV2, "a connection")),
    },
    {
      method: "POST",
      path: "/sandboxes/:id/connect",
      answer: async (call) => connect(call, await readBody(call, ConnectBody, "a connection")),
    },
    {
      method: "POST",
      path: "/sandboxes/:id/resume",
      async answer(call) {
        const body = await readBody(call, ResumeBody, "a resume");
        const before = await engine.sandboxes.byId(call.parameter("id"));
        if (stateOf(before.sandbox) === "running") throw conflict(before, "is running already");
        const { view } = await resume(call, before, body);
        return json(presentSandbox(view.sandbox, context), { status: 201 });
      },
    },
    {
      method: "POST",
      path: "/sandboxes/:id/timeout",
      async answer(call) {
        const { timeout } = await readBody(call, TimeoutBody, "a timeout");
        const timeoutMs = toTimeoutMs(timeout);
        const { session } = await runningOnly(call);
        await engine.sessions.setTimeout(session.id, timeoutMs);
        return nothing();
      },
    },
    {
      method: "POST",
      path: "/sandboxes/:id/refreshes",
      async answer(call) {
        const { duration } = await readBody(call, RefreshBody, "a refresh");
        await extend(await runningOnly(call), toTimeoutMs(duration));
        return nothing();
      },
    },
    {
      method: "POST",
      path: "/sandboxes/:id/pause",
      async answer(call) {
        const { memory } = await readBody(call, PauseBody, "a pause");
        const view = await engine.sandboxes.byId(call.parameter("id"));
        if (stateOf(view.sandbox) === "paused") throw conflict(view, "is paused already");
        await engine.sessions.pause(view.session.id, { memory });
        return nothing();
      },
    },
    {
      method: "PUT",
      path: "/sandboxes/:id/network",
      async answer(call) {
        const body = await readBody(call, WireNetworkUpdate, "a network");
        const { allow_internet_access: given, ...network } = body;
        const networkPolicy = toNetworkPolicy(network, given ?? true);
        const view = await engine.sandboxes.byId(call.parameter("id"));
        const { name } = view.sandbox;
        if (stateOf(view.sandbox) === "paused")
          throw conflict(view, "is paused: connect to it first");
        await engine.sessions.setNetworkPolicy(view.session.id, networkPolicy);
        const before = keptOf(view.sandbox);
        const { allowPublicTraffic, maskRequestHost, httpsPorts } = before.network ?? {};
        const kept = {
          ...before,
          network: withoutUndefined({
            ...keptNetwork(network),
            allowPublicTraffic,
            maskRequestHost,
            httpsPorts,
          }),
          allowInternetAccess: given ?? undefined,
        };
        await engine.sandboxes.update(name, {
          networkPolicy,
          kept: { e2b: withoutUndefined(kept) },
        });
        const notice = networkNotice(context, { policy: networkPolicy, sandboxName: name });
        return new Response(null, { status: 204, headers: notice });
      },
    },
  ];

  /** The vendor has no time for a sandbox that does not run: it is not found there. */
  async function runningOnly({ parameter }: Call): Promise<SandboxView> {
    const view = await engine.sandboxes.byId(parameter("id"));
    if (stateOf(view.sandbox) === "running") return view;
    throw new SandboxError(
      "sandbox_not_found",
      `Sandbox ${view.sandbox.id} is not running: connect to it first.`,
    );
  }
}

function conflict({ sandbox }: SandboxView, state: string): SandboxError {
  return new SandboxError("sandbox_paused", `Sandbox ${sandbox.id} ${state}.`);
}

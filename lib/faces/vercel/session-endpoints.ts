import * as z from "zod";
import { SandboxError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { Session } from "../../contract/sandbox.ts";
import { SnapshotExpirationMs } from "../../contract/sandbox-parts.ts";
import { checkFields, readFields } from "../../engine/face-request.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { type Endpoint, eventually, type FaceContext, json } from "./answers.ts";
import { networkNotice } from "../../engine/network-notice.ts";
import { presentSnapshot } from "./present-records.ts";
import { presentRoutes, presentSandbox, presentSession } from "./present-sandbox.ts";
import { readJson, readNothing, readQuery, withoutPrivate } from "./read-request.ts";
import { extendTimeout } from "./vendor-limits.ts";
import { NoQuery, OfSandboxQuery, pagination, UsageQuery } from "./wire-lists.ts";
import { WireNetworkPolicy } from "./wire-network-policy.ts";

/** Of `POST …/extend-timeout`. */
export const ExtendBody = z.strictObject({ duration: z.int().min(LIMITS.extendTimeoutMinMs) });

/** Of `POST …/snapshot`. */
export const SnapshotBody = z.strictObject({ expiration: SnapshotExpirationMs.optional() });

// The third version of the call has a shorter default than sandboxes have.
const V3_EXPIRATION_MS = 7 * 24 * 60 * 60 * 1_000;

/** `/sandboxes/sessions` and what is below a session, but for its commands and files. */
export function sessionEndpoints(context: FaceContext): Endpoint[] {
  const { engine } = context;
  return [
    {
      method: "GET",
      path: "/sandboxes/sessions",
      async answer({ url }) {
        const { name, ...query } = readQuery(url, OfSandboxQuery, "this list's query");
        const page = engine.sessions.list(withoutUndefined({ ...query, sandboxName: name }));
        return json({ sessions: page.items.map(presentSession), pagination: pagination(page) });
      },
    },
    {
      method: "GET",
      path: "/sandboxes/sessions/:id",
      async answer({ url, parameter }) {
        readQuery(url, NoQuery, "this call's query");
        const { session, routes } = await engine.sessions.get(parameter("id"));
        return json({
          session: presentSession(session),
          routes: presentRoutes(session.sandboxName, routes),
        });
      },
    },
    {
      // Not the vendor's: what a session that runs has used so far, and more of one that has ended than the vendor tells.
      method: "GET",
      path: "/sandboxes/sessions/:id/usage",
      async answer({ url, parameter }) {
        const { disk } = readQuery(url, UsageQuery, "this call's query");
        return json({ usage: await engine.sessions.usage(parameter("id"), { disk }) });
      },
    },
    {
      method: "POST",
      path: "/sandboxes/sessions/:id/stop",
      async answer(call) {
        await readNothing(call.request, "stopping a session");
        return eventually(engine.sessions.stop(call.parameter("id")), {
          context,
          call,
          present: ({ session, sandbox, snapshot }) => ({
            body: {
              session: presentSession(session),
              ...(sandbox && { sandbox: presentSandbox(sandbox, session) }),
              ...(snapshot && { snapshot: presentSnapshot(snapshot) }),
            },
          }),
        });
      },
    },
    {
      method: "POST",
      path: "/sandboxes/sessions/:id/extend-timeout",
      async answer({ request, parameter }) {
        const { duration } = await readJson(request, ExtendBody, "extending a session");
        const extension = { id: parameter("id"), durationMs: duration };
        const session = await extendTimeout(engine, extension);
        return json({ session: presentSession(session) });
      },
    },
    {
      method: "POST",
      path: "/sandboxes/sessions/:id/network-policy",
      async answer({ request, parameter }) {
        const policy = await readNetworkPolicy(request);
        const session = await engine.sessions.setNetworkPolicy(parameter("id"), policy);
        const headers = networkNotice(context, { policy, sandboxName: session.sandboxName });
        return json({ session: presentSession(session) }, { headers });
      },
    },
    {
      method: "POST",
      path: "/sandboxes/sessions/:id/snapshot",
      async answer(call) {
        const id = call.parameter("id");
        const { expiration } = await readJson(call.request, SnapshotBody, "a new snapshot");
        const expirationMs =
          expiration ?? (call.version === "v3" ? await ownExpiration(id) : undefined);
        const work = engine.sessions.snapshot(id, withoutUndefined({ expirationMs }));
        return eventually(work, {
          context,
          call,
          present: ({ snapshot, session }) => ({
            body: { snapshot: presentSnapshot(snapshot), session: presentSession(session) },
          }),
        });
      },
    },
    {
      method: "POST",
      path: "/sandboxes/sessions/:id/interactive",
      async answer({ request, parameter }) {
        await readNothing(request, "opening a terminal");
        const { session } = await engine.sessions.get(parameter("id"));
        requireRunning(session);
        const { url, token } = await context.openInteractive(session.id);
        return json({ url, token });
      },
    },
  ];

  async function ownExpiration(id: string): Promise<number | undefined> {
    const { sandbox } = await engine.sessions.get(id);
    const own = sandbox?.keepLastSnapshots?.expirationMs ?? sandbox?.snapshotExpirationMs;
    return own === undefined ? V3_EXPIRATION_MS : undefined;
  }
}

/** A body that is a network policy as a whole. */
export async function readNetworkPolicy(request: Request) {
  const fields = withoutPrivate(await readFields(request));
  return checkFields(WireNetworkPolicy, fields, "a network policy");
}

/** Throws what the clients answer with a resume, when the session takes no commands. */
export function requireRunning({ id, status }: Session): void {
  if (status === "running") return;
  if (status === "stopping" || status === "snapshotting") {
    throw new SandboxError(`sandbox_${status}`, `Session ${id} is ${status} right now.`);
  }
  throw new SandboxError("sandbox_stopped", `Session ${id} is ${status}; resume its sandbox.`);
}

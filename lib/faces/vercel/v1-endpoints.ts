import type { SandboxView } from "../../engine/engine.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { type Call, type Endpoint, eventually, type FaceContext, json } from "./answers.ts";
import {
  type CommandDialect,
  getCommand,
  killCommand,
  readLogs,
  startCommand,
} from "./command-endpoints.ts";
import { filesBelow } from "./file-endpoints.ts";
import { networkNotice } from "../../engine/network-notice.ts";
import { presentRoutes } from "./present-sandbox.ts";
import { readJson, readNothing, readQuery } from "./read-request.ts";
import { ExtendBody, readNetworkPolicy, SnapshotBody } from "./session-endpoints.ts";
import { pageByTime, TimeQuery } from "./v1-lists.ts";
import { presentV1Command, presentV1Sandbox, presentV1Snapshot } from "./v1-present.ts";
import { extendTimeout } from "./vendor-limits.ts";
import { NoQuery } from "./wire-lists.ts";
import { sandboxName, toCreateRequest, V1CreateBody, withRuntime } from "./wire-sandbox.ts";

/**
 * The dialect of the 0.x and 1.x clients, over the same sandboxes: a sandbox's id is its name, and what
 * is asked of it is asked of its latest session. One made here is gone for good once it stops.
 */
export function v1Endpoints(context: FaceContext): Endpoint[] {
  const { engine } = context;
  const viewOf = ({ parameter }: Call) => engine.sandboxes.get(sandboxName(parameter("id")));
  const sessionOf = async (call: Call) => (await viewOf(call)).session.id;
  const dialect: CommandDialect = { context, sessionOf, present: presentV1Command };
  const one = "/sandboxes/:id";
  return [
    ...snapshots(context),
    {
      method: "GET",
      path: "/sandboxes",
      async answer({ url }) {
        const query = readQuery(url, TimeQuery, "this list's query");
        const { items, pagination } = pageByTime((page) => engine.sandboxes.list(page), query);
        const sandboxes = items.map(async ({ currentSessionId }) => {
          const { session } = await engine.sessions.get(currentSessionId);
          return presentV1Sandbox(session);
        });
        return json({ sandboxes: await Promise.all(sandboxes), pagination });
      },
    },
    {
      method: "POST",
      path: "/sandboxes",
      async answer(call) {
        const { request, url } = call;
        readQuery(url, NoQuery, "this call's query");
        const body = await readJson(request, V1CreateBody, "a new sandbox");
        const wanted = { ...toCreateRequest(withRuntime(body)), persistent: false };
        return eventually(engine.sandboxes.create(wanted, { signal: request.signal }), {
          context,
          call,
          present: (view) => ({
            body: presentV1View(view),
            headers: networkNotice(context, {
              policy: view.session.networkPolicy,
              sandboxName: view.sandbox.name,
            }),
          }),
        });
      },
    },
    {
      method: "GET",
      path: one,
      async answer(call) {
        readQuery(call.url, NoQuery, "this call's query");
        return json(presentV1View(await viewOf(call)));
      },
    },
    {
      method: "POST",
      path: `${one}/stop`,
      async answer(call) {
        await readNothing(call.request, "stopping a sandbox");
        return eventually(engine.sessions.stop(await sessionOf(call)), {
          context,
          call,
          present: ({ session }) => ({ body: { sandbox: presentV1Sandbox(session) } }),
        });
      },
    },
    {
      method: "POST",
      path: `${one}/extend-timeout`,
      async answer(call) {
        const { duration } = await readJson(call.request, ExtendBody, "extending a sandbox");
        const extension = { id: await sessionOf(call), durationMs: duration };
        const session = await extendTimeout(engine, extension);
        return json({ sandbox: presentV1Sandbox(session) });
      },
    },
    {
      method: "POST",
      path: `${one}/network-policy`,
      async answer(call) {
        const policy = await readNetworkPolicy(call.request);
        const session = await engine.sessions.setNetworkPolicy(await sessionOf(call), policy);
        const headers = networkNotice(context, { policy, sandboxName: session.sandboxName });
        return json({ sandbox: presentV1Sandbox(session) }, { headers });
      },
    },
    {
      method: "POST",
      path: `${one}/snapshot`,
      async answer(call) {
        const { expiration } = await readJson(call.request, SnapshotBody, "a new snapshot");
        const options = withoutUndefined({ expirationMs: expiration });
        return eventually(engine.sessions.snapshot(await sessionOf(call), options), {
          context,
          call,
          present: ({ snapshot, session }) => ({
            body: { snapshot: presentV1Snapshot(snapshot), sandbox: presentV1Sandbox(session) },
          }),
        });
      },
    },
    { method: "POST", path: `${one}/cmd`, answer: (call) => startCommand(dialect, call) },
    { method: "GET", path: `${one}/cmd/:commandId`, answer: (call) => getCommand(dialect, call) },
    {
      method: "GET",
      path: `${one}/cmd/:commandId/logs`,
      answer: (call) => readLogs(dialect, call),
    },
    {
      method: "POST",
      path: `${one}/cmd/:commandId/kill`,
      answer: (call) => killCommand(dialect, call),
    },
    ...filesBelow(`${one}/fs`, { context, sessionOf }),
    // What every client of this dialect really calls. Last, for its second part is anything.
    {
      method: "POST",
      path: `${one}/:commandId/kill`,
      answer: (call) => killCommand(dialect, call),
    },
  ];
}

function snapshots({ engine }: FaceContext): Endpoint[] {
  return [
    {
      method: "GET",
      path: "/sandboxes/snapshots",
      async answer({ url }) {
        const query = readQuery(url, TimeQuery, "this list's query");
        const { items, pagination } = pageByTime((page) => engine.snapshots.list(page), query);
        return json({ snapshots: items.map(presentV1Snapshot), pagination });
      },
    },
    {
      method: "GET",
      path: "/sandboxes/snapshots/:snapshotId",
      async answer({ parameter }) {
        const snapshot = await engine.snapshots.get(parameter("snapshotId"));
        return json({ snapshot: presentV1Snapshot(snapshot) });
      },
    },
    {
      method: "DELETE",
      path: "/sandboxes/snapshots/:snapshotId",
      async answer({ parameter }) {
        const snapshot = await engine.snapshots.delete(parameter("snapshotId"));
        return json({ snapshot: presentV1Snapshot(snapshot) });
      },
    },
  ];
}

function presentV1View({ session, routes }: SandboxView) {
  return {
    sandbox: presentV1Sandbox(session),
    routes: presentRoutes(session.sandboxName, routes),
  };
}

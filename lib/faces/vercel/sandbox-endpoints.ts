import * as z from "zod";
import { type Endpoint, eventually, type FaceContext, json } from "./answers.ts";
import { networkNotice } from "../../engine/network-notice.ts";
import { presentRoutes, presentSandbox, presentView } from "./present-sandbox.ts";
import { readJson, readQuery } from "./read-request.ts";
import { Flag, NoQuery, pagination, SandboxesQuery } from "./wire-lists.ts";
import {
  CreateBody,
  ForkBody,
  sandboxName,
  toCreateRequest,
  toForkRequest,
  toUpdateRequest,
  UpdateBody,
  withRuntime,
} from "./wire-sandbox.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";

const GetQuery = z.strictObject({ resume: Flag.default(false) });
const DeleteQuery = z.strictObject({ deleteOrphanSnapshots: Flag.default(false) });

/** `/sandboxes` and `/sandboxes/:name`. To be mounted after whatever has a fixed word for a name. */
export function sandboxEndpoints(context: FaceContext): Endpoint[] {
  const { engine } = context;
  return [
    {
      method: "GET",
      path: "/sandboxes",
      async answer({ url }) {
        const { tags, status, ...query } = readQuery(url, SandboxesQuery, "this list's query");
        const statuses = status === "stopped" ? [status, "paused" as const] : status && [status];
        const page = engine.sandboxes.list(withoutUndefined({ ...query, tags, statuses }));
        const sandboxes = page.items.map(async (sandbox) => {
          // Only of a running one does the session tell something: when it ends.
          if (sandbox.status !== "running") return presentSandbox(sandbox, undefined);
          const { session } = await engine.sessions.get(sandbox.currentSessionId);
          return presentSandbox(sandbox, session);
        });
        return json({ sandboxes: await Promise.all(sandboxes), pagination: pagination(page) });
      },
    },
    {
      method: "POST",
      path: "/sandboxes",
      async answer(call) {
        const { request, url } = call;
        readQuery(url, NoQuery, "this call's query");
        const body = await readJson(request, CreateBody, "a new sandbox");
        const wanted = toCreateRequest(call.version === "v2" ? withRuntime(body) : body);
        const work = engine.sandboxes.create(wanted, { signal: request.signal });
        return eventually(work, {
          context,
          call,
          present: (view) => ({
            body: { ...presentView(view), resumed: false },
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
      path: "/sandboxes/:name",
      async answer(call) {
        const { resume } = readQuery(call.url, GetQuery, "this call's query");
        const name = sandboxName(call.parameter("name"));
        const work = engine.sandboxes.get(name, { resume, signal: call.request.signal });
        return eventually(work, {
          context,
          call,
          present: (view) => ({ body: { ...presentView(view), resumed: view.resumed } }),
        });
      },
    },
    {
      method: "PATCH",
      path: "/sandboxes/:name",
      async answer({ request, url, parameter }) {
        readQuery(url, NoQuery, "this call's query");
        const name = sandboxName(parameter("name"));
        const body = await readJson(request, UpdateBody, "a sandbox's settings");
        const view = await engine.sandboxes.update(name, toUpdateRequest(body));
        const policy = body.networkPolicy;
        return json(
          {
            sandbox: presentSandbox(view.sandbox, view.session),
            ...(body.ports && { routes: presentRoutes(name, view.routes) }),
          },
          { headers: policy ? networkNotice(context, { policy, sandboxName: name }) : {} },
        );
      },
    },
    {
      method: "DELETE",
      path: "/sandboxes/:name",
      async answer(call) {
        const options = readQuery(call.url, DeleteQuery, "this call's query");
        const work = engine.sandboxes.delete(sandboxName(call.parameter("name")), options);
        return eventually(work, {
          context,
          call,
          present: ({ sandbox, session }) => ({
            body: { sandbox: presentSandbox(sandbox, session) },
          }),
        });
      },
    },
    {
      method: "POST",
      path: "/sandboxes/:name/fork",
      async answer(call) {
        const { request, url } = call;
        readQuery(url, NoQuery, "this call's query");
        const source = sandboxName(call.parameter("name"));
        const body = await readJson(request, ForkBody, "a fork");
        const { signal } = request;
        const work = engine.sandboxes.fork(source, toForkRequest(body), { signal });
        return eventually(work, {
          context,
          call,
          present: (view) => ({
            body: { ...presentView(view), resumed: false },
            headers: networkNotice(context, {
              policy: view.session.networkPolicy,
              sandboxName: view.sandbox.name,
            }),
          }),
        });
      },
    },
  ];
}

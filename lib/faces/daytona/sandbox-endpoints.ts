import * as z from "zod";
import { Name } from "../../contract/name.ts";
import type { SandboxView } from "../../engine/engine.ts";
import type { RequestHead } from "../../engine/face.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import type { Endpoint } from "../../engine/face-request.ts";
import { type DaytonaContext, json } from "./answers.ts";
import { withFilesOf } from "./files-of-sandbox.ts";
import { changeSandbox, findSandbox } from "./find-sandbox.ts";
import { keptOf, toKept } from "./kept.ts";
import { listSandboxes } from "./list-sandboxes.ts";
import { presentListed, presentSandbox } from "./present-sandbox.ts";
import { joinRepeated, readJson, readQuery } from "./read-request.ts";
import { SnapshotName, snapshotOfSandbox } from "./snapshots.ts";
import { templateFor } from "./sandbox-source.ts";
import { TOOLBOX } from "./toolbox-path.ts";
import { allDrives } from "./volume-endpoints.ts";
import { CreateBody, Resources, toCreateRequest, toVcpus, unsupported } from "./wire-sandbox.ts";

const ForkBody = z.object({ name: Name.optional() });
const SnapshotBody = z.object({ name: SnapshotName, includeMemory: z.boolean().optional() });
const ResizeBody = Resources.pick({ cpu: true, memory: true, disk: true });
const ListQuery = z.looseObject({});

/** `/sandbox`: what becomes of sandboxes as a whole. */
export function sandboxEndpoints(context: DaytonaContext): Endpoint[] {
  const { engine } = context;
  const present = presenter(context);
  const find = (idOrName: string) => findSandbox(context, idOrName);
  const base = "/sandbox/:id";
  return [
    {
      method: "GET",
      path: "/sandbox",
      async answer({ request, url }) {
        const query = readQuery(joinRepeated(url), ListQuery, "this list's query");
        const { items, next } = listSandboxes(engine, query);
        const listed = items.map(async (sandbox) => {
          const { session } = await engine.sessions.get(sandbox.currentSessionId);
          return presentListed({ sandbox, session, toolboxUrl: toolboxUrl(context, request) });
        });
        return json({ items: await Promise.all(listed), nextCursor: next ?? null });
      },
    },
    {
      method: "POST",
      path: "/sandbox",
      async answer({ request }) {
        const body = await readJson(request, CreateBody, "a new sandbox");
        const driveNames = new Map(allDrives(engine).map(({ id, name }) => [id, name]));
        const { signal } = request;
        const now = context.clock.now();
        // Refused before anything is built for it.
        toCreateRequest({ body, driveNames, now });
        const template = await templateFor(context, body, { signal });
        const wanted = toCreateRequest({
          body,
          driveNames,
          now,
          ...(template !== undefined && { template }),
        });
        return present(request, await engine.sandboxes.create(wanted, { signal }));
      },
    },
    {
      method: "GET",
      path: base,
      answer: async ({ request, parameter }) => present(request, await find(parameter("id"))),
    },
    {
      method: "DELETE",
      path: base,
      async answer({ request, parameter }) {
        const view = await find(parameter("id"));
        const gone = await engine.sandboxes.delete(view.sandbox.name, {
          deleteOrphanSnapshots: true,
        });
        context.previews.forget(view.sandbox);
        return json({
          ...presentSandbox({ ...gone, toolboxUrl: toolboxUrl(context, request) }),
          state: "destroyed",
          desiredState: "destroyed",
        });
      },
    },
    ...["start", "recover"].map((verb): Endpoint => ({
      method: "POST",
      path: `${base}/${verb}`,
      async answer({ request, parameter }) {
        const { sandbox } = await find(parameter("id"));
        const { signal } = request;
        return present(request, await engine.sandboxes.get(sandbox.name, { resume: true, signal }));
      },
    })),
    {
      method: "POST",
      path: `${base}/stop`,
      async answer({ request, parameter }) {
        const view = await find(parameter("id"));
        const { session, sandbox } = await engine.sessions.stop(view.session.id);
        // One that is deleted when it stops is gone by now.
        const stopped = sandbox ?? { ...view.sandbox, status: "stopped" as const };
        return present(request, { session, sandbox: stopped });
      },
    },
    {
      method: "POST",
      path: `${base}/pause`,
      async answer({ request, parameter }) {
        const view = await find(parameter("id"));
        const paused = await engine.sessions.pause(view.session.id, { memory: true });
        return present(request, { ...view, ...paused });
      },
    },
    {
      method: "POST",
      path: `${base}/fork`,
      async answer({ request, parameter }) {
        const { name } = await readJson(request, ForkBody, "a fork");
        const view = await find(parameter("id"));
        const { signal } = request;
        const kept = { ...keptOf(view.sandbox), endedPreviews: {}, signingKeyRotations: 0 };
        const { life, createdAt } = view.sandbox;
        // Its time to live is its own.
        const deleteAt = life?.deleteAt && context.clock.now() + life.deleteAt - createdAt;
        const wanted = withoutUndefined({
          name,
          life: life && withoutUndefined({ ...life, deleteAt }),
          kept: toKept(kept),
        });
        const use = (currentSnapshotId: string | undefined) =>
          engine.sandboxes.fork(
            view.sandbox.name,
            { ...wanted, ...(currentSnapshotId !== undefined && { currentSnapshotId }) },
            { signal },
          );
        return present(request, await withFilesOf(context, view, { signal, use }));
      },
    },
    {
      method: "POST",
      path: `${base}/snapshot`,
      async answer({ request, parameter }) {
        const body = await readJson(request, SnapshotBody, "a snapshot");
        if (body.includeMemory) {
          throw unsupported(
            "includeMemory",
            "a snapshot holds files; pause the sandbox to keep its memory",
          );
        }
        const view = await find(parameter("id"));
        const { signal } = request;
        await snapshotOfSandbox(context, view, { name: body.name, signal });
        return present(request, await find(view.sandbox.id));
      },
    },
    {
      method: "POST",
      path: `${base}/resize`,
      async answer({ request, parameter }) {
        const { cpu, memory, disk } = await readJson(request, ResizeBody, "new resources");
        return changeSandbox(context, parameter("id"), async ({ sandbox }) => {
          if (sandbox.status !== "stopped" && (cpu ?? memory) !== undefined) {
            throw unsupported("resize", "a sandbox that runs keeps what it has; stop it first");
          }
          const updated = await engine.sandboxes.update(sandbox.name, {
            ...(cpu !== undefined && { vcpus: toVcpus(cpu) }),
            // For the engine other processors alone would be other memory, too.
            memoryMb: memory === undefined ? sandbox.memoryMb : memory * 1_024,
            ...(disk !== undefined && { kept: toKept({ ...keptOf(sandbox), disk }) }),
          });
          return present(request, updated);
        });
      },
    },
  ];
}

/** Answers with a sandbox as it is now. */
export function presenter(context: DaytonaContext) {
  return (request: RequestHead, { sandbox, session }: Omit<SandboxView, "routes">): Response => {
    context.previews.update(sandbox);
    const drives = sandbox.mounts ? allDrives(context.engine) : [];
    return json(
      presentSandbox({ sandbox, session, drives, toolboxUrl: toolboxUrl(context, request) }),
    );
  };
}

/** Where this caller reaches toolboxes: a sandbox's id comes behind it. */
export function toolboxUrl(
  context: Pick<DaytonaContext, "publicUrl">,
  request: RequestHead,
): string {
  return `${context.publicUrl(request)}${TOOLBOX}`;
}

import * as z from "zod";
import type { TemplateView } from "../../engine/templates/template-words.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import type { Endpoint } from "../../engine/face-request.ts";
import { type DaytonaContext, done, json } from "./answers.ts";
import { PageSize, readJson, readQuery } from "./read-request.ts";
import {
  createSnapshot,
  GENERAL_SNAPSHOTS,
  getSnapshot,
  isGeneral,
  listSnapshots,
  presentGeneral,
  presentSnapshot,
  SnapshotName,
} from "./snapshots.ts";
import { BuildInfo, refuseUnbuildable, Resources, toVcpus, unsupported } from "./wire-sandbox.ts";

const CreateBody = Resources.extend({
  name: SnapshotName,
  imageName: z.string().min(1).optional(),
  entrypoint: z.array(z.string()).optional(),
  buildInfo: BuildInfo.optional(),
  sandboxClass: z.string().optional(),
});

const ListQuery = z.object({
  page: z.coerce.number().pipe(z.int().min(1)).default(1),
  limit: PageSize,
  name: z.string().optional(),
  sourceSandboxId: z.string().optional(),
  sort: z.enum(["name", "state", "lastUsedAt", "createdAt"]).optional(),
  order: z.enum(["asc", "desc"]).default("desc"),
});

/** `/snapshots`: what the engine calls templates. */
export function snapshotEndpoints(context: DaytonaContext): Endpoint[] {
  const { engine } = context;
  return [
    {
      method: "GET",
      path: "/snapshots",
      async answer({ url }) {
        const query = readQuery(url, ListQuery, "this list's query");
        const all = await found(context, query);
        const { page, limit } = query;
        return json({
          items: all.slice((page - 1) * limit, page * limit),
          total: all.length,
          page,
          totalPages: Math.max(1, Math.ceil(all.length / limit)),
        });
      },
    },
    {
      method: "POST",
      path: "/snapshots",
      async answer({ request }) {
        const body = await readJson(request, CreateBody, "a new snapshot");
        const view = await create(context, body);
        return json(presentSnapshot(view));
      },
    },
    {
      method: "GET",
      path: "/snapshots/:id",
      async answer({ parameter }) {
        const id = parameter("id");
        if (isGeneral(id)) return json(presentGeneral(id));
        return json(presentSnapshot(await getSnapshot(context, id)));
      },
    },
    {
      method: "DELETE",
      path: "/snapshots/:id",
      async answer({ parameter }) {
        await engine.templates.delete((await getSnapshot(context, parameter("id"))).template.id);
        return done();
      },
    },
    {
      method: "POST",
      path: "/snapshots/:id/activate",
      async answer({ parameter }) {
        // None is ever put to rest here: one that is there is active.
        return json(presentSnapshot(await getSnapshot(context, parameter("id"))));
      },
    },
    {
      method: "GET",
      path: "/snapshots/:id/build-logs-url",
      async answer({ request, parameter }) {
        const { template } = await getSnapshot(context, parameter("id"));
        return json({ url: `${context.publicUrl(request)}/snapshots/${template.id}/build-logs` });
      },
    },
    {
      method: "GET",
      path: "/snapshots/:id/build-logs",
      async answer({ request, url, parameter }) {
        const view = await getSnapshot(context, parameter("id"));
        const follow = url.searchParams.get("follow") === "true";
        return logAnswer(context, view, { follow, signal: request.signal });
      },
    },
  ];
}

async function create(
  context: DaytonaContext,
  body: z.output<typeof CreateBody>,
): Promise<TemplateView> {
  const { name, imageName, entrypoint, cpu, memory, buildInfo } = body;
  refuseUnbuildable(body);
  if (body.sandboxClass !== undefined && body.sandboxClass !== "container") {
    throw unsupported("sandboxClass", "sandboxes are of the class container here");
  }
  const dockerfile = buildInfo?.dockerfileContent ?? (imageName && `FROM ${imageName}\n`);
  if (!dockerfile) {
    throw unsupported("a snapshot of nothing", "give imageName or buildInfo.dockerfileContent");
  }
  return createSnapshot(
    context,
    withoutUndefined({
      name,
      dockerfile,
      entrypoint,
      vcpus: cpu === undefined ? undefined : toVcpus(cpu),
      memoryMb: memory === undefined ? undefined : memory * 1_024,
    }),
  );
}

async function found(context: DaytonaContext, query: z.output<typeof ListQuery>) {
  // Nothing here remembers of which sandbox a snapshot was.
  if (query.sourceSandboxId !== undefined) {
    throw unsupported("sourceSandboxId", "snapshots are not listed by their sandbox here");
  }
  const made = (await listSnapshots(context)).map(presentSnapshot);
  const all = [...made, ...GENERAL_SNAPSHOTS.map(presentGeneral)];
  const named = all.filter(({ name }) => query.name === undefined || name.includes(query.name));
  const { sort } = query;
  if (sort === undefined) return named;
  const sign = query.order === "asc" ? 1 : -1;
  return named.toSorted((one, other) => sign * (one[sort] ?? "").localeCompare(other[sort] ?? ""));
}

function logAnswer(
  { engine }: DaytonaContext,
  { template, build }: TemplateView,
  { follow, signal }: { follow: boolean; signal: AbortSignal },
): Response {
  const encoder = new TextEncoder();
  async function* lines() {
    for await (const { message } of engine.templates.logs(template.id, build.id, {
      follow,
      signal,
    })) {
      yield encoder.encode(`${message}\n`);
    }
  }
  const headers = { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" };
  return new Response(ReadableStream.from(lines()) as ReadableStream<Uint8Array>, { headers });
}

import type { Template, TemplateBuild } from "../../../contract/template.ts";
import { everyItem } from "../../../engine/every-item.ts";
import type { Endpoint } from "../../../engine/face-request.ts";
import { withoutUndefined } from "../../../std/without-undefined.ts";
import { json } from "../answers.ts";
import type { E2bContext } from "../sandbox-service.ts";
import { readQuery } from "./read-request.ts";
import { PageQuery, withNextToken } from "./pages.ts";
import { DISK_SIZE_MB, ENVD_VERSION, toTime } from "./present-sandbox.ts";

/** Templates as lists and by themselves. */
export function templateLists({ engine }: E2bContext): Endpoint[] {
  const present = (templates: readonly Template[]) =>
    Promise.all(
      templates.map(async (template) => {
        const builds = await engine.templates.builds(template.id);
        return presentTemplate(template, builds);
      }),
    );
  return [
    {
      method: "GET",
      path: "/templates",
      async answer() {
        const all = everyItem((part) => engine.templates.list({ ...part, sortOrder: "desc" }));
        return json(await present([...all]));
      },
    },
    {
      method: "GET",
      path: "/v2/templates",
      async answer(call) {
        const { limit, nextToken: cursor } = readQuery(call, PageQuery, "this list's query");
        const page = engine.templates.list({
          limit,
          sortOrder: "desc",
          ...(cursor !== undefined && { cursor }),
        });
        return withNextToken(json(await present(page.items)), page.next);
      },
    },
    {
      method: "GET",
      path: "/templates/:id",
      async answer({ parameter }) {
        const template = await engine.templates.get(parameter("id"));
        const builds = await engine.templates.builds(template.id);
        return json({ ...presentHead(template), builds: builds.map(presentBuild) });
      },
    },
  ];
}

function presentTemplate(template: Template, builds: readonly TemplateBuild[]) {
  const latest = builds.find(({ id }) => id === template.latestBuildId) ?? builds.at(-1);
  return withoutUndefined({
    ...presentHead(template),
    buildID: template.latestBuildId,
    buildStatus: latest?.status ?? ("error" as const),
    buildCount: template.buildCount,
    cpuCount: latest?.vcpus,
    memoryMB: latest?.memoryMb,
    diskSizeMB: DISK_SIZE_MB,
    envdVersion: ENVD_VERSION,
    createdBy: null,
  });
}

function presentHead(template: Template) {
  return {
    templateID: template.id,
    names: template.names,
    aliases: template.names,
    public: false,
    createdAt: toTime(template.createdAt),
    updatedAt: toTime(template.updatedAt),
    spawnCount: template.spawnCount,
    lastSpawnedAt: template.lastSpawnedAt === undefined ? null : toTime(template.lastSpawnedAt),
  };
}

function presentBuild(build: TemplateBuild) {
  return withoutUndefined({
    buildID: build.id,
    status: build.status,
    createdAt: toTime(build.createdAt),
    updatedAt: toTime(build.updatedAt),
    finishedAt: build.finishedAt === undefined ? undefined : toTime(build.finishedAt),
    cpuCount: build.vcpus,
    memoryMB: build.memoryMb,
    diskSizeMB: DISK_SIZE_MB,
    envdVersion: ENVD_VERSION,
  });
}

import * as z from "zod";
import { SandboxError } from "../../../contract/errors.ts";
import { LIMITS } from "../../../contract/limits.ts";
import type { BuildLogLine, BuildPlace } from "../../../contract/template.ts";
import type { Call, Endpoint } from "../../../engine/face-request.ts";
import { bodyOf } from "../../../engine/request-body.ts";
import { isSameSecret } from "../../../std/same-secret.ts";
import { withoutUndefined } from "../../../std/without-undefined.ts";
import { json, nothing } from "../answers.ts";
import type { E2bContext } from "../sandbox-service.ts";
import { toTime } from "./present-sandbox.ts";
import { isAtLeast, LogLevel, WholeNumber } from "./query-fields.ts";
import { readBody, readQuery } from "./read-request.ts";
import { isBuiltIn } from "./resolve-template.ts";
import {
  AssignTags,
  BuildStart,
  NewTemplate,
  RemoveTags,
  splitName,
  TemplateUpdate,
  toBuildRequest,
} from "./wire-template.ts";

const StatusQuery = z.object({
  logsOffset: WholeNumber.default(0),
  limit: WholeNumber.pipe(z.int().min(1).max(LIMITS.pageSize)).default(LIMITS.pageSize),
  level: LogLevel.default("debug"),
});

/** Building templates, and what they are called. */
export function templateEndpoints(context: E2bContext): Endpoint[] {
  const { engine, tokens, publicUrl } = context;
  const { templates } = engine;
  return [
    {
      method: "POST",
      path: "/v3/templates",
      async answer(call) {
        const body = await readBody(call, NewTemplate, "a new template");
        const { name, tag } = splitName(body.name ?? body.alias ?? "");
        const tags = [...new Set([...(tag === undefined ? [] : [tag]), ...(body.tags ?? [])])];
        const { template, build } = await templates.create(
          withoutUndefined({
            names: [name],
            tags: tags.length > 0 ? tags : undefined,
            vcpus: body.cpuCount,
            memoryMb: body.memoryMB,
          }),
        );
        const { names } = template;
        return json(
          {
            templateID: template.id,
            buildID: build.id,
            names,
            aliases: names,
            tags: build.tags,
            public: false,
          },
          { status: 202 },
        );
      },
    },
    {
      method: "GET",
      path: "/templates/:id/files/:hash",
      async answer({ request, parameter }) {
        const { id } = await templates.get(parameter("id"));
        const hash = parameter("hash");
        const present = await templates.hasArchive(id, hash);
        const path = `/uploads/${id}/${encodeURIComponent(hash)}`;
        const url = `${publicUrl(request)}${path}?token=${tokens.ofUpload(id, hash)}`;
        return json({ present, url }, { status: 201 });
      },
    },
    {
      method: "PUT",
      path: "/uploads/:id/:hash",
      answer: (call) => takeUpload(call, context),
    },
    {
      method: "POST",
      path: "/v2/templates/:id/builds/:build",
      async answer(call) {
        const body = await readBody(call, BuildStart, "a build");
        const fromBase = body.fromTemplate != null && (await isBuiltIn(body.fromTemplate, context));
        const request = toBuildRequest(body, { fromBase });
        await templates.startBuild(call.parameter("id"), call.parameter("build"), request);
        // The clients read a body that says JSON, and fail on one that is empty.
        return json({}, { status: 202 });
      },
    },
    {
      method: "GET",
      path: "/templates/:id/builds/:build/status",
      async answer(call) {
        const { level, ...page } = readQuery(call, StatusQuery, "this call's query");
        const id = call.parameter("id");
        const { build, logs } = await templates.status(id, call.parameter("build"), page);
        const shown = logs.filter((line) => isAtLeast(line.level, level));
        return json(
          withoutUndefined({
            templateID: build.templateId,
            buildID: build.id,
            status: build.status,
            logEntries: shown.map(presentLine),
            logs: shown.map(({ message }) => `${message}\n`),
            reason: build.error && {
              message: build.error.message,
              ...(build.error.step !== undefined && { step: presentPlace(build.error.step) }),
            },
          }),
        );
      },
    },
    {
      method: "GET",
      path: "/templates/:id/builds/:build/logs",
      async answer(call) {
        const logs: BuildLogLine[] = [];
        const { signal } = call.request;
        const [id, build] = [call.parameter("id"), call.parameter("build")];
        const lines = templates.logs(id, build, { follow: false, signal });
        for await (const line of lines) logs.push(line);
        return json({ logs: logs.map(presentLine) });
      },
    },
    {
      method: "GET",
      path: "/templates/aliases/:alias",
      async answer({ parameter }) {
        const alias = parameter("alias");
        if (await isBuiltIn(alias, context)) return json({ templateID: alias, public: true });
        const { id } = await templates.get(alias);
        return json({ templateID: id, public: false });
      },
    },
    {
      method: "POST",
      path: "/templates/tags",
      async answer(call) {
        const { target, tags } = await readBody(call, AssignTags, "tags");
        const { build } = await templates.assignTags(target, tags);
        return json({ buildID: build.id, tags }, { status: 201 });
      },
    },
    {
      method: "DELETE",
      path: "/templates/tags",
      async answer(call) {
        const { name, tags } = await readBody(call, RemoveTags, "tags");
        await templates.removeTags(splitName(name).name, tags);
        return nothing();
      },
    },
    {
      method: "GET",
      path: "/templates/:id/tags",
      async answer({ parameter }) {
        const { tags } = await templates.get(parameter("id"));
        return json(
          tags.map(({ tag, buildId, createdAt }) => ({
            tag,
            buildID: buildId,
            createdAt: toTime(createdAt),
          })),
        );
      },
    },
    {
      method: "DELETE",
      path: "/templates/:id",
      async answer({ parameter }) {
        await deleteTemplate(parameter("id"), context);
        return nothing();
      },
    },
    ...(["/templates/:id", "/v2/templates/:id"] as const).map((path): Endpoint => ({
      method: "PATCH",
      path,
      async answer(call) {
        const { public: wanted } = await readBody(call, TemplateUpdate, "a template");
        const { names } = await templates.get(call.parameter("id"));
        if (wanted) {
          throw new SandboxError(
            "unsupported",
            "`public`: there are no other accounts on this machine to share a template with.",
          );
        }
        return json(path === "/templates/:id" ? {} : { names });
      },
    })),
  ];
}

async function takeUpload(
  { request, url, parameter }: Call,
  { engine, tokens }: E2bContext,
): Promise<Response> {
  const [id, hash] = [parameter("id"), parameter("hash")];
  if (!isSameSecret(url.searchParams.get("token"), tokens.ofUpload(id, hash))) {
    throw new SandboxError(
      "unauthorized",
      "The link does not hold: ask for the upload's link again.",
    );
  }
  if (!request.body) throw new SandboxError("invalid_request", "The body must be a tar archive.");
  await engine.templates.putArchive(id, hash, bodyOf(request), { signal: request.signal });
  return json({});
}

/** Snapshots are templates to this vendor: what is deleted may be either. */
async function deleteTemplate(id: string, { engine }: E2bContext): Promise<void> {
  try {
    await engine.templates.delete(id);
    return;
  } catch (error) {
    if (!SandboxError.is(error) || error.code !== "template_not_found") throw error;
  }
  const snapshot = await engine.snapshots.get(id);
  if (snapshot.status === "deleted") {
    throw new SandboxError("snapshot_not_found", `Snapshot ${id} was deleted.`);
  }
  await engine.snapshots.delete(id);
}

function presentLine({ at, level, message, step }: BuildLogLine) {
  return {
    timestamp: toTime(at),
    level,
    message,
    ...(step !== undefined && { step: presentPlace(step) }),
  };
}

/** The vendor counts its steps from 1: the first place is the base's. */
function presentPlace(place: BuildPlace): string {
  return typeof place === "number" ? String(place + 1) : place;
}

import { text } from "node:stream/consumers";
import { memoryStore } from "../backends/store/memory-store.ts";
import { SandboxError } from "../contract/errors.ts";
import { type BuildLogLine, StartBuildRequest, type TemplateBuild } from "../contract/template.ts";
import { parseRequest } from "../engine/parse-request.ts";
import { SecretKeeper } from "../engine/secrets/secret-keeper.ts";
import type { Secrets } from "../engine/secrets/secret-words.ts";
import type { TemplateRecords } from "../engine/templates/template-records.ts";
import type { Templates } from "../engine/templates/template-words.ts";
import type { ScriptedState } from "./scripted-state.ts";

/** Secrets as the engine keeps them, of which nothing makes use. */
export function scriptedSecrets(state: ScriptedState): Secrets {
  return new SecretKeeper({ store: memoryStore(), clock: state });
}

/**
 * Templates whose builds are over when they begin: ready, or failed at the first `run` step that is `false`.
 * Of the steps only those that set something do anything.
 */
export function scriptedTemplates(state: ScriptedState, records: TemplateRecords): Templates {
  const archives = new Map<string, string>();
  const logs = new Map<string, BuildLogLine[]>();
  const linesOf = (buildId: string) => logs.get(buildId) ?? [];
  return {
    create: async (request) => records.create(request),
    async startBuild(templateId, buildId, input) {
      const request = parseRequest(StartBuildRequest, input, "build");
      const build = records.build(templateId, buildId);
      if (build.status !== "waiting") {
        throw new SandboxError("invalid_request", `Build ${buildId} is ${build.status} already.`);
      }
      const lines = request.steps.map((step, index): BuildLogLine => ({
        at: state.now(),
        level: "info",
        message: `step ${index}: ${step.type}`,
        step: index,
      }));
      logs.set(buildId, lines);
      return records.finish(outcome(build, request));
    },
    async putArchive(templateId, hash, archive) {
      records.get(templateId);
      archives.set(`${templateId}/${hash}`, await text(archive));
    },
    hasArchive: async (templateId, hash) => archives.has(`${records.get(templateId).id}/${hash}`),
    async status(templateId, buildId, { logsOffset = 0, limit = 100 } = {}) {
      const build = records.build(templateId, buildId);
      return { build, logs: linesOf(buildId).slice(logsOffset, logsOffset + limit) };
    },
    async *logs(templateId, buildId) {
      records.build(templateId, buildId);
      yield* linesOf(buildId);
    },
    wait: async (templateId, buildId) => records.build(templateId, buildId),
    resolve: async (nameOrId) => records.resolve(nameOrId),
    get: async (nameOrId) => records.get(nameOrId),
    builds: async (templateId) => records.builds(records.get(templateId).id),
    list: (request) => records.list(request),
    async delete(nameOrId) {
      const template = records.get(nameOrId);
      records.forget(template);
      return template;
    },
    assignTags: async (target, tags) => records.assignTags(target, tags),
    removeTags: async (nameOrId, tags) => records.removeTags(nameOrId, tags),
    rename: async (nameOrId, names) => records.rename(nameOrId, names),
  };
}

function outcome(build: TemplateBuild, request: StartBuildRequest): TemplateBuild {
  let made: TemplateBuild = {
    ...build,
    status: "ready",
    ...(request.cwd !== undefined && { cwd: request.cwd }),
    ...(request.user !== undefined && { user: request.user }),
    ...(request.startCommand !== undefined && { startCommand: request.startCommand }),
    ...(request.readyCommand !== undefined && { readyCommand: request.readyCommand }),
  };
  for (const [index, step] of request.steps.entries()) {
    if (step.type === "env") made = { ...made, env: { ...made.env, ...step.variables } };
    else if (step.type === "workdir") made = { ...made, cwd: step.path };
    else if (step.type === "user") made = { ...made, user: step.user };
    else if (step.type === "run" && step.command === "false") {
      const error = { message: `step ${index} failed with exit code 1`, step: index };
      return { ...made, status: "error", error };
    }
  }
  return made;
}

import { DEFAULTS } from "../../contract/defaults.ts";
import { SandboxError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { Page } from "../../contract/page.ts";
import * as z from "zod";
import { SANDBOX_USERS } from "../../contract/sandbox-user.ts";
import {
  CreateTemplateRequest,
  type Template,
  type TemplateBuild,
  TemplateName,
  TemplateTag,
} from "../../contract/template.ts";
import { newId } from "../../std/ids.ts";
import { parseRequest } from "../parse-request.ts";
import type { Clock, Store } from "../ports.ts";
import type { Templates, TemplateView } from "./template-words.ts";

/** The tag of a build that was given none, and what a name without a tag means. */
const DEFAULT_TAG = "default";

/** The built-in template, unless somebody has made one of the name: nothing but the system. */
export const BASE = "base";

const EMPTY_BASE: TemplateView = {
  template: {
    id: BASE,
    names: [BASE],
    createdAt: 0,
    updatedAt: 0,
    tags: [{ tag: DEFAULT_TAG, buildId: BASE, createdAt: 0 }],
    latestBuildId: BASE,
    buildCount: 1,
    spawnCount: 0,
  },
  build: {
    id: BASE,
    templateId: BASE,
    status: "ready",
    tags: [DEFAULT_TAG],
    vcpus: DEFAULTS.vcpus,
    memoryMb: DEFAULTS.vcpus * LIMITS.memoryMbPerVcpu,
    createdAt: 0,
    updatedAt: 0,
    layers: [],
    env: {},
    cwd: SANDBOX_USERS[DEFAULTS.user].cwd,
    user: DEFAULTS.user,
  },
};

const Tags = z.array(TemplateTag).min(1).max(LIMITS.templateTags);
const Names = z.array(TemplateName).min(1).max(LIMITS.templateNames);

export interface TemplateRecordsOptions {
  store: Pick<Store, "templates" | "builds" | "sandboxes" | "transaction">;
  clock: Pick<Clock, "now">;
}

/** Templates, their names and tags and builds, as far as they are records. */
export class TemplateRecords {
  readonly #store: TemplateRecordsOptions["store"];
  readonly #clock: TemplateRecordsOptions["clock"];

  constructor({ store, clock }: TemplateRecordsOptions) {
    this.#store = store;
    this.#clock = clock;
  }

  create(input: CreateTemplateRequest): TemplateView {
    const request = parseRequest(CreateTemplateRequest, input, "template");
    const names = [...new Set(request.names)];
    const known = this.#holders(names);
    if (known.length > 1) throw taken(names);
    const now = this.#clock.now();
    const vcpus = request.vcpus ?? DEFAULTS.vcpus;
    const before = known[0];
    const template: Template = {
      id: newId("tpl"),
      createdAt: now,
      tags: [],
      spawnCount: 0,
      ...before,
      names: [...new Set([...(before?.names ?? []), ...names])],
      updatedAt: now,
      latestBuildId: newId("build"),
      buildCount: (before?.buildCount ?? 0) + 1,
    };
    if (template.names.length > LIMITS.templateNames) {
      throw new SandboxError(
        "invalid_request",
        `A template has at most ${LIMITS.templateNames} names; with these it would have ${template.names.length}.`,
      );
    }
    const build: TemplateBuild = {
      id: template.latestBuildId,
      templateId: template.id,
      status: "waiting",
      tags: request.tags && request.tags.length > 0 ? request.tags : [DEFAULT_TAG],
      vcpus,
      memoryMb: request.memoryMb ?? vcpus * LIMITS.memoryMbPerVcpu,
      createdAt: now,
      updatedAt: now,
      layers: [],
      env: {},
      cwd: SANDBOX_USERS[DEFAULTS.user].cwd,
      user: DEFAULTS.user,
    };
    this.#store.transaction(() => {
      this.#store.templates.put(template);
      this.#store.builds.put(build);
    });
    return { template, build };
  }

  /** By id or name, with a tag or without. Throws `template_not_found`. */
  get(nameOrId: string): Template {
    return this.#find(nameOrId).template;
  }

  /** A ready build. Throws `template_not_found`. */
  resolve(nameOrId: string): TemplateView {
    if (nameOrId === BASE && !this.#named(BASE)) return EMPTY_BASE;
    const { template, tag } = this.#find(nameOrId);
    const build = this.tagged(template, tag);
    if (build?.status === "ready") return { template, build };
    const others = template.tags.filter((entry) => entry.tag !== tag).map((entry) => entry.tag);
    throw new SandboxError(
      "template_not_found",
      `Template ${nameOrId} has no build tagged ${tag} that is ready${others.length > 0 ? `; its tags are ${others.join(", ")}` : ""}.`,
    );
  }

  tagged(template: Template, tag: string): TemplateBuild | undefined {
    const buildId = template.tags.find((entry) => entry.tag === tag)?.buildId;
    return buildId === undefined ? undefined : this.#store.builds.get(buildId);
  }

  /** Throws `template_not_found`. */
  build(templateId: string, buildId: string): TemplateBuild {
    const build = this.#store.builds.get(buildId);
    if (build?.templateId === templateId) return build;
    throw new SandboxError(
      "template_not_found",
      `There is no build ${buildId} of a template ${templateId}.`,
    );
  }

  builds(templateId: string): TemplateBuild[] {
    return this.#store.builds.all({ equals: { templateId } });
  }

  list({ sortBy, ...page }: Parameters<Templates["list"]>[0]): Page<Template> {
    return this.#store.templates.page({ ...page, sortBy: sortBy ?? "createdAt" });
  }

  /** What changed about a build. */
  put(build: TemplateBuild): TemplateBuild {
    const updated = { ...build, updatedAt: this.#clock.now() };
    this.#store.builds.put(updated);
    return updated;
  }

  /** The build is what its tags mean from now on, in one step with its record. */
  finish(build: TemplateBuild): TemplateBuild {
    const now = this.#clock.now();
    const finished = { ...build, updatedAt: now, finishedAt: now };
    this.#store.transaction(() => {
      this.#store.builds.put(finished);
      const template = this.#store.templates.get(build.templateId);
      if (template && build.status === "ready") {
        this.#store.templates.put(withTags(template, build.id, { tags: build.tags, now }));
      }
    });
    return finished;
  }

  assignTags(target: Parameters<Templates["assignTags"]>[0], input: string[]): TemplateView {
    const tags = parseRequest(Tags, input, "tags");
    const { template, build } =
      typeof target === "string"
        ? this.resolve(target)
        : {
            template: this.get(target.templateId),
            build: this.build(target.templateId, target.buildId),
          };
    if (build.status !== "ready") {
      throw new SandboxError(
        "invalid_request",
        `Build ${build.id} is ${build.status}; only a build that is ready can be tagged.`,
      );
    }
    const now = this.#clock.now();
    const updated = withTags({ ...template, updatedAt: now }, build.id, { tags, now });
    this.#store.templates.put(updated);
    return { template: updated, build };
  }

  removeTags(nameOrId: string, tags: string[]): Template {
    const { template } = this.#find(nameOrId);
    const updated: Template = {
      ...template,
      tags: template.tags.filter(({ tag }) => !tags.includes(tag)),
      updatedAt: this.#clock.now(),
    };
    this.#store.templates.put(updated);
    return updated;
  }

  rename(nameOrId: string, input: string[]): Template {
    const names = [...new Set(parseRequest(Names, input, "names"))];
    const { template } = this.#find(nameOrId);
    if (this.#holders(names).some(({ id }) => id !== template.id)) throw taken(names);
    const updated = { ...template, names, updatedAt: this.#clock.now() };
    this.#store.templates.put(updated);
    return updated;
  }

  /** One more sandbox was made from it. */
  spawned(templateId: string): void {
    const template = this.#store.templates.get(templateId);
    if (!template) return;
    this.#store.templates.put({
      ...template,
      spawnCount: template.spawnCount + 1,
      lastSpawnedAt: this.#clock.now(),
    });
  }

  /** Builds that ended and that nothing names: no tag, not the latest of their template, no sandbox's only files. */
  unused(): TemplateBuild[] {
    const templates = this.#store.templates.all();
    const named = new Set(
      templates.flatMap(({ tags, latestBuildId }) => [
        latestBuildId,
        ...tags.map(({ buildId }) => buildId),
      ]),
    );
    const candidates = this.#store.builds
      .all()
      .filter(({ id, status }) => !named.has(id) && (status === "ready" || status === "error"));
    if (candidates.length === 0) return [];
    const used = new Set(this.#store.sandboxes.all().map(({ currentSnapshotId: id }) => id));
    return candidates.filter(({ snapshotId }) => snapshotId === undefined || !used.has(snapshotId));
  }

  /** The records alone. */
  forget(template: Template): void {
    this.#store.transaction(() => {
      for (const { id } of this.builds(template.id)) this.#store.builds.delete(id);
      this.#store.templates.delete(template.id);
    });
  }

  #holders(names: readonly string[]): Template[] {
    return this.#store.templates
      .all()
      .filter((template) => template.names.some((name) => names.includes(name)));
  }

  // A name may hold a colon, so that the whole of it comes before its parts.
  #find(nameOrId: string): { template: Template; tag: string } {
    const whole = this.#named(nameOrId);
    if (whole) return { template: whole, tag: DEFAULT_TAG };
    const colon = nameOrId.lastIndexOf(":");
    const template = colon > 0 ? this.#named(nameOrId.slice(0, colon)) : undefined;
    if (template) return { template, tag: nameOrId.slice(colon + 1) };
    throw new SandboxError("template_not_found", `There is no template ${nameOrId}.`);
  }

  #named(nameOrId: string): Template | undefined {
    return this.#store.templates.get(nameOrId) ?? this.#holders([nameOrId])[0];
  }
}

function withTags(
  template: Template,
  buildId: string,
  { tags, now }: { tags: readonly string[]; now: number },
): Template {
  return {
    ...template,
    tags: [
      ...template.tags.filter(({ tag }) => !tags.includes(tag)),
      ...[...new Set(tags)].map((tag) => ({ tag, buildId, createdAt: now })),
    ],
  };
}

function taken(names: readonly string[]): SandboxError {
  return new SandboxError(
    "name_taken",
    `Of the names ${names.join(", ")} some belong to another template already; choose others.`,
  );
}

import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { SandboxError } from "../../contract/errors.ts";
import type { Page } from "../../contract/page.ts";
import {
  type BuildLogLine,
  type CreateTemplateRequest,
  StartBuildRequest,
  type StartBuildRequestInput,
  type Template,
  type TemplateBuild,
} from "../../contract/template.ts";
import { messageOf } from "../../std/message-of.ts";
import type { Waiting } from "../engine.ts";
import { parseRequest } from "../parse-request.ts";
import type { Isolation, Log, Store } from "../ports.ts";
import { TemplateArchives } from "./template-archives.ts";
import type { TemplateBuilder } from "./template-builder.ts";
import { RunningBuild } from "./template-build-run.ts";
import { buildGround, type GroundOptions } from "./template-ground.ts";
import { readBuildLog } from "./template-logs.ts";
import type { TemplateRecords } from "./template-records.ts";
import type { Templates, TemplateView } from "./template-words.ts";

export interface TemplateKeeperOptions extends GroundOptions {
  store: Store;
  isolation: Pick<Isolation, "name" | "deleteSnapshot">;
  clock: { now(): number };
  log: Log;
  records: TemplateRecords;
  builder: TemplateBuilder;
  /** Holds a folder per template: the logs of its builds, and archives. */
  directory: string;
}

const CUT_SHORT = "The engine ended before this build did. Build it again.";

/** Templates: their records, the builds that make them, and what these need and leave. */
export class TemplateKeeper implements Templates, AsyncDisposable {
  readonly #options: TemplateKeeperOptions;
  readonly #records: TemplateRecords;
  readonly #running = new Map<string, RunningBuild>();

  constructor(options: TemplateKeeperOptions) {
    this.#options = options;
    this.#records = options.records;
  }

  /** Whether a build runs. */
  isBusy(): boolean {
    return this.#running.size > 0;
  }

  /** Says of builds that an engine left when it died what became of them, and deletes what belongs to nothing. */
  async recover(): Promise<void> {
    const { store, builder, directory } = this.#options;
    await builder.sweep();
    for (const build of store.builds.all({ equals: { status: "building" } })) {
      this.#records.finish({ ...build, status: "error", error: { message: CUT_SHORT } });
    }
    for (const id of await namesIn(directory)) {
      if (!store.templates.get(id)) await rm(join(directory, id), { recursive: true, force: true });
    }
    await this.#collect();
  }

  async create(request: CreateTemplateRequest): Promise<TemplateView> {
    return this.#records.create(request);
  }

  async startBuild(
    templateId: string,
    buildId: string,
    input: StartBuildRequestInput,
  ): Promise<TemplateBuild> {
    const request = parseRequest(StartBuildRequest, input, "build");
    const archives = this.#archives(templateId);
    for (const step of request.steps) {
      if (step.type === "copy") (await archives.open(step.archive.hash)).destroy();
    }
    // From here on nothing is waited for until the build runs: what it begins with is not deleted in between.
    const ground = buildGround(request, this.#options);
    const waiting = this.#records.build(templateId, buildId);
    if (waiting.status !== "waiting") {
      throw new SandboxError(
        "invalid_request",
        `Build ${buildId} is ${waiting.status} already; create a new build of the template.`,
      );
    }
    const build = this.#records.put({
      ...waiting,
      status: "building",
      ...ground.state,
      ...(request.startCommand !== undefined && { startCommand: request.startCommand }),
      ...(request.readyCommand !== undefined && { readyCommand: request.readyCommand }),
    });
    const running = new RunningBuild({
      ...this.#options,
      task: { build, ground, request, archives },
      file: this.#logFile(build),
    });
    this.#running.set(build.id, running);
    void running.run().then(() => this.#ended(running, build.id)); // Neither rejects.
    return build;
  }

  async putArchive(
    templateId: string,
    hash: string,
    archive: Readable,
    waiting: Waiting = {},
  ): Promise<void> {
    await this.#archives(templateId).put(hash, archive, waiting);
  }

  async hasArchive(templateId: string, hash: string): Promise<boolean> {
    return this.#archives(templateId).has(hash);
  }

  async status(
    templateId: string,
    buildId: string,
    { logsOffset = 0, limit = 100 }: { logsOffset?: number; limit?: number } = {},
  ): Promise<{ build: TemplateBuild; logs: BuildLogLine[] }> {
    const running = this.#running.get(buildId);
    // Before the record: the last lines of one that has just ended are there, too.
    const build = this.#records.build(templateId, buildId);
    const lines = running?.log.lines ?? (await readBuildLog(this.#logFile(build)));
    return { build, logs: lines.slice(logsOffset, logsOffset + limit) };
  }

  async *logs(
    templateId: string,
    buildId: string,
    options: Waiting & { follow?: boolean } = {},
  ): AsyncGenerator<BuildLogLine, void, void> {
    const build = this.#records.build(templateId, buildId);
    const running = this.#running.get(buildId);
    if (running) yield* running.log.read(options);
    else yield* await readBuildLog(this.#logFile(build));
  }

  async wait(
    templateId: string,
    buildId: string,
    { signal }: Waiting = {},
  ): Promise<TemplateBuild> {
    this.#records.build(templateId, buildId);
    await this.#running.get(buildId)?.ended.wait(signal);
    return this.#records.build(templateId, buildId);
  }

  async resolve(nameOrId: string): Promise<TemplateView> {
    return this.#records.resolve(nameOrId);
  }

  async get(nameOrId: string): Promise<Template> {
    return this.#records.get(nameOrId);
  }

  async builds(templateId: string): Promise<TemplateBuild[]> {
    return this.#records.builds(this.#records.get(templateId).id);
  }

  list(request: Parameters<Templates["list"]>[0]): Page<Template> {
    return this.#records.list(request);
  }

  async delete(nameOrId: string): Promise<Template> {
    const template = this.#records.get(nameOrId);
    for (const { id } of this.#records.builds(template.id)) {
      await this.#running.get(id)?.cancel(`Template ${nameOrId} was deleted while it was built.`);
    }
    this.#records.forget(template);
    await rm(join(this.#options.directory, template.id), { recursive: true, force: true });
    await this.#collect();
    return template;
  }

  async assignTags(
    target: Parameters<Templates["assignTags"]>[0],
    tags: string[],
  ): Promise<TemplateView> {
    const view = this.#records.assignTags(target, tags);
    await this.#collect();
    return view;
  }

  async removeTags(nameOrId: string, tags: string[]): Promise<Template> {
    const template = this.#records.removeTags(nameOrId, tags);
    await this.#collect();
    return template;
  }

  async rename(nameOrId: string, names: string[]): Promise<Template> {
    return this.#records.rename(nameOrId, names);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const running = [...this.#running.values()];
    await Promise.all(running.map((build) => build.cancel(CUT_SHORT)));
    await this.#options.builder[Symbol.asyncDispose]();
  }

  async #ended(running: RunningBuild, buildId: string): Promise<void> {
    this.#running.delete(buildId);
    try {
      await this.#collect();
    } catch (error) {
      const reason = messageOf(error);
      this.#options.log.warn("what old builds have left could not be deleted", { reason });
    }
    running.ended.resolve();
  }

  /** Deletes builds that nothing names any more, and layers that are no build's. */
  async #collect(): Promise<void> {
    // One that runs may be about to take a layer over.
    if (this.isBusy()) return;
    const { store, isolation } = this.#options;
    // The records first, and at once: nobody builds upon, or starts from, what is on its way out.
    const { builds, layers } = store.transaction(() => {
      const unused = this.#records.unused();
      for (const { id } of unused) store.builds.delete(id);
      const named = new Set(store.builds.all().flatMap((build) => build.layers));
      const nobodys = store.layers.all().filter(({ id }) => !named.has(id));
      for (const { id } of nobodys) store.layers.delete(id);
      return { builds: unused, layers: nobodys };
    });
    for (const build of builds) await rm(this.#logFile(build), { force: true });
    for (const { id } of layers) await isolation.deleteSnapshot(id);
  }

  #archives(templateId: string): TemplateArchives {
    const { id } = this.#records.get(templateId);
    return new TemplateArchives({ directory: join(this.#options.directory, id, "archives") });
  }

  #logFile({ id, templateId }: TemplateBuild): string {
    return join(this.#options.directory, templateId, `${id}.log`);
  }
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return [];
    throw error;
  }
}

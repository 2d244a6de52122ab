import type { Readable } from "node:stream";
import type { Page, PageRequest } from "../../contract/page.ts";
import type {
  BuildLogLine,
  CreateTemplateRequest,
  StartBuildRequestInput,
  Template,
  TemplateBuild,
} from "../../contract/template.ts";
import type { Waiting } from "../engine.ts";

// The part of the engine, as a face sees it, that is about templates.

/** A build with the template that it is of. */
export interface TemplateView {
  template: Template;
  build: TemplateBuild;
}

/**
 * States of files with variables, a directory and a user, from which sandboxes start. A template has builds; its
 * tags say which build is meant. A build runs in a place of its own, which is no sandbox and is never listed.
 * By id or by name, throws `template_not_found`.
 */
export interface Templates {
  /** A template with a build that waits to be started; of a name that exists, a new build. Throws `name_taken` when the names are of different templates. */
  create(request: CreateTemplateRequest): Promise<TemplateView>;
  /**
   * Begins the build and returns; it goes on whoever waits. Throws `invalid_request` before anything ran for a base
   * that is not there, an image that has no counterpart here (`unsupported`) or an archive that was not put.
   */
  startBuild(
    templateId: string,
    buildId: string,
    request: StartBuildRequestInput,
  ): Promise<TemplateBuild>;
  /** Keeps a tar (gzipped or not) for copy steps of this template. Throws `invalid_request`, `too_large`. */
  putArchive(templateId: string, hash: string, archive: Readable, options?: Waiting): Promise<void>;
  hasArchive(templateId: string, hash: string): Promise<boolean>;
  /** The build, and up to `limit` (100) lines of its log from that line on. */
  status(
    templateId: string,
    buildId: string,
    options?: { logsOffset?: number; limit?: number },
  ): Promise<{ build: TemplateBuild; logs: BuildLogLine[] }>;
  /** The log from its first line; with `follow` until the build has ended. */
  logs(
    templateId: string,
    buildId: string,
    options?: Waiting & { follow?: boolean },
  ): AsyncGenerator<BuildLogLine, void, void>;
  /** Resolves when the build is ready or failed. */
  wait(templateId: string, buildId: string, options?: Waiting): Promise<TemplateBuild>;
  /**
   * The build that sandboxes are made from: of an id or a whole name (tag `default`), or a name, a colon and a tag.
   * Throws `template_not_found`, also when no build of it is ready.
   */
  resolve(nameOrId: string): Promise<TemplateView>;
  /** By id or name, with a tag or without, whatever became of its builds. */
  get(nameOrId: string): Promise<Template>;
  builds(templateId: string): Promise<TemplateBuild[]>;
  list(request: PageRequest & { sortBy?: "createdAt" | "updatedAt" }): Page<Template>;
  /** With its builds, archives and logs. Sandboxes that were made from it go on; a stopped one without a snapshot of its own cannot be resumed any more. */
  delete(nameOrId: string): Promise<Template>;
  /** Gives the build that is named (`resolve`, or `{templateId, buildId}`) these tags, each taken from the build that had it. */
  assignTags(
    target: string | { templateId: string; buildId: string },
    tags: string[],
  ): Promise<TemplateView>;
  removeTags(nameOrId: string, tags: string[]): Promise<Template>;
  /** Replaces its names. Throws `name_taken`. */
  rename(nameOrId: string, names: string[]): Promise<Template>;
}

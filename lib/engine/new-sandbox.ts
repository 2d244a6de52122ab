import { SandboxError } from "../contract/errors.ts";
import { LIMITS } from "../contract/limits.ts";
import {
  CreateSandboxRequest,
  type CreateSandboxRequestInput,
  type Sandbox,
} from "../contract/sandbox.ts";
import type { Source } from "../contract/sandbox-parts.ts";
import type { SandboxTemplate } from "../contract/sandbox-template.ts";
import { SANDBOX_USERS, SandboxUser } from "../contract/sandbox-user.ts";
import type { TemplateBuild } from "../contract/template.ts";
import { randomText } from "../std/ids.ts";
import { withoutUndefined } from "../std/without-undefined.ts";
import { parseRequest } from "./parse-request.ts";
import { BASE, type TemplateRecords } from "./templates/template-records.ts";

/** A sandbox before there is anything of it but the wish. */
export type NewSandbox = Omit<
  Sandbox,
  | "id"
  | "createdAt"
  | "updatedAt"
  | "totals"
  | "hostPorts"
  | "currentSessionId"
  | "status"
  | "statusUpdatedAt"
>;

/**
 * What a new sandbox is to be, by the request, by its template where the request says nothing, and by what
 * holds otherwise. Throws `invalid_request`, `template_not_found`.
 */
export function newSandbox(
  input: CreateSandboxRequestInput,
  templates: Pick<TemplateRecords, "resolve">,
): { sandbox: NewSandbox; source?: Exclude<Source, { type: "snapshot" }> } {
  const { source, template, ...request } = withoutUndefined(
    parseRequest(CreateSandboxRequest, input, "sandbox"),
  );
  if (template !== undefined && source) {
    throw new SandboxError(
      "invalid_request",
      "A sandbox's files come from a template or from a source, not from both.",
    );
  }
  const build = template === undefined ? undefined : templates.resolve(template).build;
  // Defaults are filled in already; what was not said is the template's to say.
  const vcpus = input.vcpus ?? build?.vcpus ?? request.vcpus;
  const user = input.user ?? SandboxUser.safeParse(build?.user).data ?? request.user;
  const fromSnapshot = source?.type === "snapshot" ? source.snapshotId : build?.snapshotId;
  return {
    sandbox: {
      ...request,
      ...(build && ofBuild(build, { name: template ?? "", user })),
      name: request.name ?? newSandboxName(),
      vcpus,
      user,
      env: { ...build?.env, ...request.env },
      home: SANDBOX_USERS[user].home,
      // The empty base has no directory of its own.
      cwd: build && build.templateId !== BASE ? build.cwd : SANDBOX_USERS[user].cwd,
      memoryMb:
        request.memoryMb ??
        (input.vcpus === undefined ? build?.memoryMb : undefined) ??
        vcpus * LIMITS.memoryMbPerVcpu,
      ...(fromSnapshot !== undefined && { currentSnapshotId: fromSnapshot }),
    },
    ...(source && source.type !== "snapshot" && { source }),
  };
}

/** For one whose creator gave it none. */
export function newSandboxName(): string {
  return `sandbox-${randomText(10)}`;
}

function ofBuild(
  build: TemplateBuild,
  { name, user: own }: { name: string; user: SandboxUser },
): { template: SandboxTemplate } {
  const { templateId, id: buildId, startCommand, readyCommand } = build;
  // The three names are one user, who is known here by the sandbox's own.
  const user = SandboxUser.safeParse(build.user).success ? own : build.user;
  return {
    template: {
      templateId,
      buildId,
      name,
      user,
      ...(startCommand !== undefined && { startCommand }),
      ...(readyCommand !== undefined && { readyCommand }),
    },
  };
}

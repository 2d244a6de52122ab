import { SandboxError } from "../../../contract/errors.ts";
import type { CreateSandboxRequestInput } from "../../../contract/sandbox.ts";
import type { E2bContext } from "../sandbox-service.ts";
import { BASE_TEMPLATE } from "./present-sandbox.ts";

/** The vendor's public templates that stand for the built-in base here: both have what it has. */
const BUILT_IN: ReadonlySet<string> = new Set([BASE_TEMPLATE, "code-interpreter-v1"]);

/** What a new sandbox starts from, and how that is told. */
export interface ResolvedTemplate {
  templateId: string;
  alias?: string;
  start: Pick<CreateSandboxRequestInput, "template" | "source">;
}

/**
 * A template by its id, its name (with a tag or without) or a snapshot's id. One that was built here goes
 * before a built-in one of the same name. Throws `template_not_found`.
 */
export async function resolveTemplate(
  given: string,
  { engine }: Pick<E2bContext, "engine">,
): Promise<ResolvedTemplate> {
  const built = await unlessMissing(engine.templates.resolve(given));
  if (built) {
    const { id, names } = built.template;
    return {
      templateId: id,
      ...(names[0] !== undefined && { alias: names[0] }),
      start: { template: given },
    };
  }
  if (BUILT_IN.has(given)) return { templateId: given, alias: given, start: {} };
  const snapshot = await unlessMissing(engine.snapshots.get(given));
  if (snapshot?.status === "created") {
    return { templateId: given, start: { source: { type: "snapshot", snapshotId: given } } };
  }
  throw new SandboxError(
    "template_not_found",
    `template '${given}' not found: build it, or use ${[...BUILT_IN].join(" or ")}.`,
  );
}

/** Whether the name stands for the built-in base, because nothing that was built here bears it. */
export async function isBuiltIn(
  name: string,
  { engine }: Pick<E2bContext, "engine">,
): Promise<boolean> {
  return BUILT_IN.has(name) && !(await unlessMissing(engine.templates.get(name)));
}

async function unlessMissing<Found>(found: Promise<Found>): Promise<Found | undefined> {
  try {
    return await found;
  } catch (error) {
    const missing = ["template_not_found", "snapshot_not_found"];
    if (SandboxError.is(error) && missing.includes(error.code)) return undefined;
    throw error;
  }
}

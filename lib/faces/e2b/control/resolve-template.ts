import { SandboxError } from "../../../contract/errors.ts";
import type { CreateSandboxRequestInput } from "../../../contract/sandbox.ts";
import type { Snapshot } from "../../../contract/snapshot.ts";
import type { Engine } from "../../../engine/engine.ts";
import { everyItem } from "../../../engine/every-item.ts";
import type { E2bContext } from "../sandbox-service.ts";
import { BASE_TEMPLATE } from "./present-sandbox.ts";

/**
 * The vendor's public templates that stand for the built-in base here: both have what it has. The engine
 * knows the first of them itself, under the same id.
 */
const BUILT_IN: ReadonlySet<string> = new Set([BASE_TEMPLATE, "code-interpreter-v1"]);

/** What a new sandbox starts from, and how that is told. */
export interface ResolvedTemplate {
  templateId: string;
  alias?: string;
  start: Pick<CreateSandboxRequestInput, "template" | "source">;
}

/**
 * A template by its id or its name (with a tag or without), or a snapshot by its id or its name. One that
 * was built here goes before a built-in one of the same name. Throws `template_not_found`.
 */
export async function resolveTemplate(
  given: string,
  { engine }: Pick<E2bContext, "engine">,
): Promise<ResolvedTemplate> {
  const built = await unlessMissing(engine.templates.resolve(given));
  if (built && built.template.id !== BASE_TEMPLATE) {
    const { id, names } = built.template;
    return {
      templateId: id,
      ...(names[0] !== undefined && { alias: names[0] }),
      start: { template: given },
    };
  }
  if (BUILT_IN.has(given)) return { templateId: given, alias: given, start: {} };
  const snapshot = (await unlessMissing(engine.snapshots.get(given))) ?? newestNamed(given, engine);
  if (snapshot?.status === "created") {
    const { id: snapshotId, name } = snapshot;
    return {
      templateId: snapshotId,
      ...(name !== undefined && { alias: name }),
      start: { source: { type: "snapshot", snapshotId } },
    };
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
  if (!BUILT_IN.has(name)) return false;
  const known = await unlessMissing(engine.templates.get(name));
  return known === undefined || known.id === BASE_TEMPLATE;
}

/** Whether somebody asked for the snapshot, and it is still there. */
export function isOwn({ status, creationMethod }: Snapshot): boolean {
  return status === "created" && creationMethod === "manual";
}

function newestNamed(name: string, { snapshots }: Pick<Engine, "snapshots">): Snapshot | undefined {
  const all = everyItem((part) => snapshots.list({ ...part, sortOrder: "desc" }));
  for (const snapshot of all) {
    if (isOwn(snapshot) && snapshot.name === name) return snapshot;
  }
  return undefined;
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

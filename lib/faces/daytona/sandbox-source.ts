import { SandboxError } from "../../contract/errors.ts";
import type { Waiting } from "../../engine/engine.ts";
import type { DaytonaContext } from "./answers.ts";
import { isGeneral, templateOfDockerfile } from "./snapshots.ts";
import type { CreateBody } from "./wire-sandbox.ts";

/**
 * The engine's template for what a new sandbox is to be made from; undefined for the empty base. Builds it, if it
 * is a Dockerfile that was not built before. Throws `snapshot_not_found`, `source_failed`.
 */
export async function templateFor(
  context: DaytonaContext,
  { snapshot, buildInfo }: Pick<CreateBody, "snapshot" | "buildInfo">,
  options: Waiting,
): Promise<string | undefined> {
  if (buildInfo) return templateOfDockerfile(context, buildInfo.dockerfileContent, options);
  if (snapshot === undefined || isGeneral(snapshot)) return undefined;
  try {
    const { template } = await context.engine.templates.resolve(snapshot);
    return template.id;
  } catch (error) {
    if (!SandboxError.is(error) || error.code !== "template_not_found") throw error;
    throw new SandboxError(
      "snapshot_not_found",
      `There is no snapshot ${JSON.stringify(snapshot)} that is ready; build it first, or leave it out.`,
      { cause: error },
    );
  }
}

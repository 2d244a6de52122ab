import { DEFAULTS } from "../../contract/defaults.ts";
import { SANDBOX_USERS } from "../../contract/sandbox-user.ts";
import type { StartBuildRequest } from "../../contract/template.ts";
import { resolvePath } from "../resolve-path.ts";
import type { Isolation } from "../ports.ts";
import type { SnapshotKeeper } from "../snapshot-keeper.ts";
import { imageStandIn } from "./template-images.ts";
import { type BuildState, recipeOf } from "./template-plan.ts";
import type { TemplateRecords } from "./template-records.ts";
import type { BuildGround } from "./template-workshop.ts";

export interface GroundOptions {
  isolation: Pick<Isolation, "name">;
  records: Pick<TemplateRecords, "resolve">;
  snapshots: Pick<SnapshotKeeper, "requireUsable">;
}

const EMPTY: BuildState = {
  env: {},
  cwd: SANDBOX_USERS[DEFAULTS.user].cwd,
  user: DEFAULTS.user,
};

/** What a build begins with. Throws `template_not_found`, `snapshot_gone`, `unsupported` for an image that nothing stands in for. */
export function buildGround(
  { from, cwd, user }: Pick<StartBuildRequest, "from" | "cwd" | "user">,
  options: GroundOptions,
): BuildGround {
  const ground = groundOf(from, options);
  const { state } = ground;
  return {
    ...ground,
    state: {
      ...state,
      ...(user !== undefined && { user }),
      cwd: resolvePath(state.cwd, cwd),
    },
  };
}

function groundOf(
  { template, snapshotId, image }: StartBuildRequest["from"],
  { isolation, records, snapshots }: GroundOptions,
): BuildGround {
  // What one isolation's steps left is no ground for another's.
  const bottom = recipeOf("", isolation.name);
  const empty = { state: EMPTY, recipe: bottom, layers: [], isForeign: false };
  if (snapshotId !== undefined) {
    snapshots.requireUsable(snapshotId);
    const recipe = recipeOf(bottom, { snapshotId });
    return { ...empty, snapshotId, recipe, isForeign: true };
  }
  if (template !== undefined) {
    const { build } = records.resolve(template);
    const { env, layers } = build;
    const isEmpty = build.snapshotId === undefined;
    return {
      state: { env, cwd: build.cwd, user: build.user },
      recipe: isEmpty ? bottom : recipeOf(bottom, { buildId: build.id }),
      layers,
      isForeign: false,
      ...(build.snapshotId !== undefined && { snapshotId: build.snapshotId }),
    };
  }
  return image === undefined ? empty : { ...empty, standIn: imageStandIn(image) };
}

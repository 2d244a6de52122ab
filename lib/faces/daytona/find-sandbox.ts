import { SandboxError } from "../../contract/errors.ts";
import { Name } from "../../contract/name.ts";
import type { SandboxView } from "../../engine/engine.ts";
import type { DaytonaContext } from "./answers.ts";

type Finder = Pick<DaytonaContext, "engine">;

/** A sandbox by its id or its name, whichever face made it. Throws `sandbox_not_found`. */
export async function findSandbox({ engine }: Finder, idOrName: string): Promise<SandboxView> {
  try {
    return await engine.sandboxes.byId(idOrName);
  } catch (error) {
    // It may be a name.
    if (!isUnknown(error)) throw error;
  }
  if (Name.safeParse(idOrName).success) {
    try {
      return await engine.sandboxes.get(idOrName);
    } catch (error) {
      if (!isUnknown(error)) throw error;
    }
  }
  throw new SandboxError(
    "sandbox_not_found",
    `There is no sandbox with the id or name ${JSON.stringify(idOrName)}.`,
  );
}

/** Changes what depends on what is there: one at a time for each sandbox. */
export async function changeSandbox<Result>(
  context: Pick<DaytonaContext, "engine" | "turns">,
  idOrName: string,
  change: (view: SandboxView) => Promise<Result>,
): Promise<Result> {
  const { sandbox } = await findSandbox(context, idOrName);
  return context.turns.run(sandbox.id, async () => change(await findSandbox(context, sandbox.id)));
}

function isUnknown(error: unknown): boolean {
  return SandboxError.is(error) && error.code === "sandbox_not_found";
}

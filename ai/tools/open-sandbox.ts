import { StudioError } from "../../studio/contract/errors.ts";
import type { ProjectSandbox, ToolCall } from "./project-sandbox.ts";
import type { ToolContext } from "./tool-context.ts";

/**
 * The project's sandbox for a tool's call, started again if it was stopped. Throws `no_sandbox` while there is none, and
 * `sandbox_not_found` when it was deleted.
 */
export async function openSandbox(
  { workspace, sandboxes }: ToolContext,
  call: ToolCall,
): Promise<ProjectSandbox> {
  const name = workspace.sandboxId();
  if (name !== undefined) return sandboxes.open(name, call);
  throw new StudioError(
    "no_sandbox",
    "There is no sandbox yet. Call createSandbox first, then do this again.",
  );
}

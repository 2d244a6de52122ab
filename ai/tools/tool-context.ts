import type { AgentWorkspace } from "../../studio/contract/agent.ts";
import type { Sandboxes } from "./project-sandbox.ts";

/** What the tools of one turn share. */
export interface ToolContext {
  workspace: AgentWorkspace;
  sandboxes: Sandboxes;
  /** The ids of the commands that were put into the background and not ended: one may be about to listen. */
  readonly background: Set<string>;
}

import type { AgentWorkspace } from "../../studio/contract/agent.ts";
import type { ToolName } from "../../studio/contract/tools.ts";
import { createSandboxTool } from "./create-sandbox.ts";
import { editFileTool } from "./edit-file.ts";
import { generateFilesTool } from "./generate-files.ts";
import { getCommandLogsTool } from "./get-command-logs.ts";
import { getSandboxUrlTool } from "./get-sandbox-url.ts";
import { listFilesTool } from "./list-files.ts";
import { readFileTool } from "./read-file.ts";
import { runCommandTool } from "./run-command.ts";
import { stopTool } from "./stop.ts";
import type { Sandboxes } from "./project-sandbox.ts";
import type { ToolContext } from "./tool-context.ts";

/** The agent's tools, all of which work in one project, for one turn. */
export function studioTools(workspace: AgentWorkspace, sandboxes: Sandboxes) {
  const context: ToolContext = { workspace, sandboxes, background: new Set() };
  return {
    createSandbox: createSandboxTool(context),
    generateFiles: generateFilesTool(context),
    editFile: editFileTool(context),
    readFile: readFileTool(context),
    listFiles: listFilesTool(context),
    runCommand: runCommandTool(context),
    getCommandLogs: getCommandLogsTool(context),
    getSandboxUrl: getSandboxUrlTool(context),
    stop: stopTool(context),
  } satisfies Record<ToolName, unknown>;
}

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
import type { TurnNotes } from "./turn-notes.ts";

/** The agent's tools, all of which work in one project. */
export function studioTools(workspace: AgentWorkspace) {
  const turn: TurnNotes = { startedInBackground: false };
  return {
    createSandbox: createSandboxTool(workspace),
    generateFiles: generateFilesTool(workspace),
    editFile: editFileTool(workspace),
    readFile: readFileTool(workspace),
    listFiles: listFilesTool(workspace),
    runCommand: runCommandTool(workspace, turn),
    getCommandLogs: getCommandLogsTool(workspace),
    getSandboxUrl: getSandboxUrlTool(workspace, turn),
    stop: stopTool(workspace),
  } satisfies Record<ToolName, unknown>;
}

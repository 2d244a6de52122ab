import { Sandbox } from "sandlot";
import type { AgentWorkspace } from "../contract/agent.ts";
import type { StudioMessage } from "../contract/message.ts";
import type { CreateProjectRequestInput, Project } from "../contract/project.ts";
import { CreateProjectRequest } from "../contract/project.ts";
import type { Studio } from "../server/studio.ts";

export function newProject(studio: Studio, wanted: CreateProjectRequestInput = {}): Project {
  return studio.projects.create(CreateProjectRequest.parse(wanted));
}

/** A project whose agent has made its sandbox. */
export async function projectWithSandbox(
  studio: Studio,
  wanted: CreateProjectRequestInput = {},
): Promise<{ id: string; sandbox: Sandbox; sandboxId: string; workspace: AgentWorkspace }> {
  const { id } = newProject(studio, wanted);
  const workspace = studio.workspaces.of(id);
  const sandbox = await Sandbox.create({ ...workspace.newSandbox });
  workspace.sandboxCreated(sandbox.name);
  return { id, sandbox, sandboxId: sandbox.name, workspace };
}

/** Starts a command as the agent's tool does: one that goes on by itself, or one whose end the agent waits for. */
export async function startAsAgent(
  { sandbox, sandboxId, workspace }: Awaited<ReturnType<typeof projectWithSandbox>>,
  command: string,
  { background = true }: { background?: boolean } = {},
): Promise<string> {
  const { cmdId, cwd } = await sandbox.runCommand({
    cmd: "sh",
    args: ["-c", command],
    detached: true,
  });
  workspace.commandStarted({ sandboxId, commandId: cmdId, command, cwd, background });
  return cmdId;
}

export function userMessage(text: string, id = "m1"): StudioMessage {
  return { id, role: "user", parts: [{ type: "text", text }] };
}

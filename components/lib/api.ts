import { CheckpointDiff, RestoreAnswer } from "@/studio/contract/checkpoint.ts";
import { StopAnswer } from "@/studio/contract/chat.ts";
import { CommandSummary } from "@/studio/contract/command.ts";
import { FileTree, SaveAnswer } from "@/studio/contract/files.ts";
import { ModelList } from "@/studio/contract/model.ts";
import {
  type CreateProjectRequestInput,
  Project,
  type ProjectDetail,
  ProjectList,
  type UpdateProjectRequest,
} from "@/studio/contract/project.ts";
import { AutoFixDecision, type ErrorReport } from "@/studio/contract/runtime-error.ts";
import {
  SandboxActionAnswer,
  type SandboxActionRequest,
  SandboxList,
} from "@/studio/contract/sandbox.ts";
import { TerminalInfo, type TerminalInput, TerminalList } from "@/studio/contract/terminal.ts";
import { request, requestJson, type RequestOptions } from "./request.ts";

type Cancel = Pick<RequestOptions, "signal">;

/** The address of a project's part. */
export const projectUrl = (projectId: string, rest = "") =>
  `/api/projects/${encodeURIComponent(projectId)}${rest}`;

/** The address of a sandbox's part. */
const sandboxUrl = (sandboxId: string, rest = "") =>
  `/api/sandboxes/${encodeURIComponent(sandboxId)}${rest}`;

/** The address of a file's bytes. */
export const fileUrl = (sandboxId: string, path: string) =>
  sandboxUrl(sandboxId, `/files?path=${encodeURIComponent(path)}`);

/** The address of one terminal. */
export const terminalUrl = (sandboxId: string, terminalId: string) =>
  sandboxUrl(sandboxId, `/terminals/${encodeURIComponent(terminalId)}`);

const commandUrl = (sandboxId: string, cmdId: string, rest = "") =>
  sandboxUrl(sandboxId, `/cmds/${encodeURIComponent(cmdId)}${rest}`);

const checkpointUrl = (projectId: string, checkpointId: string, rest: string) =>
  projectUrl(projectId, `/checkpoints/${encodeURIComponent(checkpointId)}${rest}`);

/** The studio's routes as functions. Each throws a `StudioError` whose message can be shown. */
export const api = {
  listProjects: (options?: Cancel) => requestJson(ProjectList, "/api/projects", options),

  createProject: (json: CreateProjectRequestInput) =>
    requestJson(Project, "/api/projects", { method: "POST", json }),

  async readProject(projectId: string, options?: Cancel): Promise<ProjectDetail> {
    const response = await request(projectUrl(projectId), options);
    const detail = (await response.json()) as ProjectDetail;
    // Messages have the AI SDK's shape, which it checks itself where it uses them.
    return { ...detail, project: Project.parse(detail.project) };
  },

  updateProject: (projectId: string, json: UpdateProjectRequest) =>
    requestJson(Project, projectUrl(projectId), { method: "PATCH", json }),

  deleteProject: (projectId: string) => request(projectUrl(projectId), { method: "DELETE" }),

  async downloadProject(projectId: string): Promise<Blob> {
    return (await request(projectUrl(projectId, "/download"))).blob();
  },

  stopTurn: (projectId: string) =>
    requestJson(StopAnswer, `/api/chat/${encodeURIComponent(projectId)}/stop`, { method: "POST" }),

  listModels: (options?: Cancel) => requestJson(ModelList, "/api/models", options),

  reportErrors: (json: ErrorReport) =>
    requestJson(AutoFixDecision, "/api/errors", { method: "POST", json }),

  restoreCheckpoint: (projectId: string, checkpointId: string) =>
    requestJson(RestoreAnswer, checkpointUrl(projectId, checkpointId, "/restore"), {
      method: "POST",
    }),

  readDiff: (projectId: string, checkpointId: string, options?: Cancel) =>
    requestJson(CheckpointDiff, checkpointUrl(projectId, checkpointId, "/diff"), options),

  listSandboxes: (options?: Cancel) => requestJson(SandboxList, "/api/sandboxes", options),

  actOnSandbox: (sandboxId: string, json: SandboxActionRequest) =>
    requestJson(SandboxActionAnswer, sandboxUrl(sandboxId), { method: "POST", json }),

  deleteSandbox: (sandboxId: string) => request(sandboxUrl(sandboxId), { method: "DELETE" }),

  readTree: (sandboxId: string, path: string, options?: Cancel) =>
    requestJson(
      FileTree,
      sandboxUrl(sandboxId, `/files/tree?path=${encodeURIComponent(path)}`),
      options,
    ),

  readFile: (sandboxId: string, path: string, options?: Cancel) =>
    request(fileUrl(sandboxId, path), options),

  saveFile: (sandboxId: string, path: string, body: string) =>
    requestJson(SaveAnswer, fileUrl(sandboxId, path), { method: "PUT", body }),

  startCommand: (sandboxId: string, command: string) =>
    requestJson(CommandSummary, sandboxUrl(sandboxId, "/cmds"), {
      method: "POST",
      json: { command },
    }),

  killCommand: (sandboxId: string, cmdId: string) =>
    request(commandUrl(sandboxId, cmdId), { method: "DELETE" }),

  readLogs: (sandboxId: string, cmdId: string, options?: Cancel) =>
    request(commandUrl(sandboxId, cmdId, "/logs"), options),

  listTerminals: (sandboxId: string, options?: Cancel) =>
    requestJson(TerminalList, sandboxUrl(sandboxId, "/terminals"), options),

  openTerminal: (sandboxId: string, json: { cols: number; rows: number }) =>
    requestJson(TerminalInfo, sandboxUrl(sandboxId, "/terminals"), { method: "POST", json }),

  sendToTerminal: (sandboxId: string, terminalId: string, json: TerminalInput) =>
    request(terminalUrl(sandboxId, terminalId), { method: "POST", json }),

  closeTerminal: (sandboxId: string, terminalId: string) =>
    request(terminalUrl(sandboxId, terminalId), { method: "DELETE" }),
} as const;

import * as z from "zod";
import { Id, SandboxId, Timestamp } from "./ids.ts";
import { STUDIO_LIMITS } from "./limits.ts";
import type { StudioMessage } from "./message.ts";
import { TurnState } from "./turn.ts";

export const ProjectType = z.enum(["website", "game", "api", "dashboard", "other"]);
export type ProjectType = z.output<typeof ProjectType>;

/** `auto`: commands run at once. `ask`: each one waits for the user's yes. */
export const Approval = z.enum(["auto", "ask"]);
export type Approval = z.output<typeof Approval>;

export const Project = z.object({
  id: Id,
  name: z.string(),
  type: ProjectType,
  approval: Approval,
  /** Whether the studio may ask the model by itself to fix errors. */
  autoFix: z.boolean(),
  /** The model chosen last; absent means the default. */
  modelId: z.string().optional(),
  /** The name of its sandbox; absent until the agent made one. */
  sandboxId: SandboxId.optional(),
  createdAt: Timestamp,
  /** Of the last message or change. Lists are sorted by it, newest first. */
  updatedAt: Timestamp,
  turn: TurnState,
});
export type Project = z.output<typeof Project>;

const Name = z.string().trim().min(1).max(STUDIO_LIMITS.projectNameLength);

/** POST /api/projects. Answered with 201 and a Project. */
export const CreateProjectRequest = z.strictObject({
  name: Name.default("New project"),
  type: ProjectType.default("other"),
  approval: Approval.default("auto"),
  autoFix: z.boolean().default(true),
  modelId: z.string().min(1).optional(),
});
export type CreateProjectRequest = z.output<typeof CreateProjectRequest>;
export type CreateProjectRequestInput = z.input<typeof CreateProjectRequest>;

/** PATCH /api/projects/[projectId]: what is absent stays. Answered with the Project. */
export const UpdateProjectRequest = z.strictObject({
  name: Name.optional(),
  type: ProjectType.optional(),
  approval: Approval.optional(),
  autoFix: z.boolean().optional(),
  modelId: z.string().min(1).optional(),
});
export type UpdateProjectRequest = z.output<typeof UpdateProjectRequest>;

/** GET /api/projects. */
export const ProjectList = z.object({ projects: z.array(Project) });
export type ProjectList = z.output<typeof ProjectList>;

/** GET /api/projects/[projectId]: the project with all that was said. Messages are the AI SDK's own. */
export interface ProjectDetail {
  project: Project;
  /** Oldest first. While a turn runs, its answer is not among them: read its stream. */
  messages: StudioMessage[];
}

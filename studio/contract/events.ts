import * as z from "zod";
import { Checkpoint } from "./checkpoint.ts";
import { CommandSummary } from "./command.ts";
import { PreviewState } from "./preview.ts";
import { Project } from "./project.ts";
import { AutoFixDecision } from "./runtime-error.ts";
import { SandboxSummary } from "./sandbox.ts";

/**
 * GET /api/projects/[projectId]/events is SSE; each event's data is one of these. The first is always `snapshot`,
 * again after every reconnect: it replaces all that was known.
 */
export const ProjectEvent = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("snapshot"),
    project: Project,
    sandbox: SandboxSummary.nullable(),
    /** Newest first. */
    commands: z.array(CommandSummary),
    preview: PreviewState,
    /** Newest first. */
    checkpoints: z.array(Checkpoint),
  }),
  /** Its name, its settings, or the state of its turn changed. With a turn that runs, its stream can be joined. */
  z.object({ type: z.literal("project"), project: Project }),
  /** Messages changed by somebody else than this browser's own turn: read the project again. */
  z.object({ type: z.literal("messages") }),
  z.object({ type: z.literal("sandbox"), sandbox: SandboxSummary.nullable() }),
  /** One began or ended. */
  z.object({ type: z.literal("command"), command: CommandSummary }),
  /** Files may have changed; without `paths`, any may have. */
  z.object({ type: z.literal("files"), paths: z.array(z.string()).optional() }),
  z.object({ type: z.literal("preview"), preview: PreviewState }),
  z.object({ type: z.literal("checkpoints"), checkpoints: z.array(Checkpoint) }),
  z.object({ type: z.literal("auto-fix"), decision: AutoFixDecision }),
  z.object({ type: z.literal("deleted") }),
]);
export type ProjectEvent = z.output<typeof ProjectEvent>;

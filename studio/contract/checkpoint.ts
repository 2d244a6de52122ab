import * as z from "zod";
import { Id, Timestamp } from "./ids.ts";

/** The project's files after one turn. */
export const Checkpoint = z.object({
  id: Id,
  /** What the user had asked for, in short. */
  title: z.string(),
  createdAt: Timestamp,
  turnId: Id.optional(),
  /** The answer that made it, to jump to. */
  messageId: z.string().optional(),
  changedFiles: z.int(),
  linesAdded: z.int(),
  linesRemoved: z.int(),
  /** Whether the files are now as they were then, as far as the studio changed them. */
  current: z.boolean(),
});
export type Checkpoint = z.output<typeof Checkpoint>;

/** GET /api/projects/[projectId]/checkpoints: newest first. */
export const CheckpointList = z.object({ checkpoints: z.array(Checkpoint) });
export type CheckpointList = z.output<typeof CheckpointList>;

/** POST …/checkpoints/[checkpointId]/restore. What was not in a checkpoint yet is kept as one of its own first. */
export const RestoreAnswer = z.object({
  checkpoint: Checkpoint,
  /** The one that keeps what was there before, if anything was not kept yet. */
  savedBefore: Checkpoint.optional(),
});
export type RestoreAnswer = z.output<typeof RestoreAnswer>;

export const FileChange = z.object({
  path: z.string(),
  status: z.enum(["added", "modified", "deleted", "renamed"]),
  /** Of a renamed one. */
  previousPath: z.string().optional(),
  linesAdded: z.int(),
  linesRemoved: z.int(),
  /** The text before and after; absent for what is no text or too long. */
  before: z.string().optional(),
  after: z.string().optional(),
});
export type FileChange = z.output<typeof FileChange>;

/** GET …/checkpoints/[checkpointId]/diff: what that turn changed. */
export const CheckpointDiff = z.object({
  checkpointId: Id,
  files: z.array(FileChange),
  truncated: z.boolean(),
});
export type CheckpointDiff = z.output<typeof CheckpointDiff>;

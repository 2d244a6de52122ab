import * as z from "zod";
import { Timestamp } from "./ids.ts";

export const FileEntry = z.object({
  /** Relative to the project folder, with `/`; absolute outside of it. */
  path: z.string(),
  type: z.enum(["file", "directory", "link", "other"]),
  sizeBytes: z.int(),
  modifiedAt: Timestamp,
  /** Of a directory whose content is not in this answer, such as `node_modules`: ask for it by its path. */
  unread: z.boolean().optional(),
});
export type FileEntry = z.output<typeof FileEntry>;

/**
 * GET /api/sandboxes/[sandboxId]/files/tree?path=: all below the path, folders before what is in them. Big
 * folders of others' files are named but not entered, unless the path is one of them: then one level is given.
 */
export const FileTree = z.object({
  path: z.string(),
  entries: z.array(FileEntry),
  /** Whether there were more than are listed. */
  truncated: z.boolean(),
});
export type FileTree = z.output<typeof FileTree>;

/** PUT /api/sandboxes/[sandboxId]/files?path=: the body is the content. GET answers with it, 404 if there is none. */
export const SaveAnswer = z.object({ path: z.string(), sizeBytes: z.int() });
export type SaveAnswer = z.output<typeof SaveAnswer>;

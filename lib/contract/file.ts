import * as z from "zod";
import { LIMITS } from "./limits.ts";

export const FileType = z.enum(["file", "directory", "symlink", "other"]);
export type FileType = z.output<typeof FileType>;

const encoder = new TextEncoder();

/** Words that a file bears beside its content. They go where the file goes, and are lost with a copy that leaves them behind. */
export const FileMetadata = z
  .record(
    z.string().regex(/^[A-Za-z0-9._-]{1,200}$/, {
      message: "a name has 1 to 200 letters, digits, dots, dashes and underscores",
    }),
    z.string(),
  )
  .refine((metadata) => metadataBytes(metadata) <= LIMITS.fileMetadataBytes, {
    message: `names and values together take at most ${LIMITS.fileMetadataBytes} bytes`,
  });
export type FileMetadata = z.output<typeof FileMetadata>;

/** What a sandbox's file system says of one name, links not followed. Times are milliseconds since the epoch, with fractions. */
export const FileInfo = z.object({
  name: z.string(),
  /** Absolute, as commands see it. Bytes that are no UTF-8 stand as U+FFFD: such a name cannot be asked for. */
  path: z.string(),
  type: FileType,
  /** In bytes. */
  size: z.int(),
  /** Permission bits with set-user-id, set-group-id and sticky. */
  mode: z.int(),
  /** A name as the sandbox knows it; the number where it has none. */
  owner: z.string(),
  group: z.string(),
  uid: z.int(),
  gid: z.int(),
  modifiedAt: z.number(),
  accessedAt: z.number(),
  changedAt: z.number(),
  /** As it stands in the link; absent for a link of the kernel's, to what a process has open. */
  symlinkTarget: z.string().optional(),
  /** Only when it was asked for, and only where there is some. */
  metadata: FileMetadata.optional(),
});
export type FileInfo = z.output<typeof FileInfo>;

/**
 * What became of a file. `rename` is told of the name that a thing had before; the one that it has now is told of as
 * `create`. `ready` comes first, when everything from then on is seen. `dropped` says that events are missing here,
 * because they came faster than they were read: what is there now must be looked at.
 */
export type FileEvent =
  | { type: "ready" }
  | { type: "dropped" }
  | {
      type: "create" | "write" | "remove" | "rename" | "chmod";
      /** Absolute, as commands see it. */
      path: string;
      /** Relative to the watched directory. */
      name: string;
    };

function metadataBytes(metadata: Record<string, string>): number {
  const texts = Object.entries(metadata).flat();
  return texts.reduce((sum, text) => sum + encoder.encode(text).length, 0);
}

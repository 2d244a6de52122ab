import * as z from "zod";
import { LIMITS } from "../limits.ts";
import { OperationError, resultOf } from "./operation-error.ts";
import { OPERATION_LIMITS } from "./operation-limits.ts";
import { sandboxId } from "./sandbox-operations.ts";

const Path = z
  .string()
  .min(1)
  .max(LIMITS.pathLength)
  .refine((path) => !path.includes("\0"), { message: "a path holds no NUL" });

/** How a file's bytes are written in JSON: `base64` for what is no text. */
const Encoding = z.enum(["utf8", "base64"]);

const FileToWrite = z.strictObject({
  /** Absolute, or relative to the sandbox's working directory. */
  path: Path,
  content: z.string(),
  encoding: Encoding.default("utf8"),
  /** Permissions such as 0o755. */
  mode: z.int().min(0).max(0o7777).optional(),
});

const tooMuch = `one call carries at most ${OPERATION_LIMITS.filesBytes} characters of content; split it, or let a command in the sandbox fetch it`;

export const WriteFilesPayload = z.strictObject({
  sandboxId,
  files: z
    .array(FileToWrite)
    .min(1)
    .max(OPERATION_LIMITS.files)
    .refine(
      (files) =>
        files.reduce((sum, file) => sum + file.content.length, 0) <= OPERATION_LIMITS.filesBytes,
      { message: tooMuch },
    ),
});
export const WriteFilesResult = resultOf({
  sandboxId: z.string(),
  files: z.array(z.object({ path: z.string(), sizeBytes: z.int() })),
});

export const ReadFilesPayload = z.strictObject({
  sandboxId,
  paths: z.array(Path).min(1).max(OPERATION_LIMITS.files),
  encoding: Encoding.default("utf8"),
});

/** A file that was read, or why it was not: one that is missing does not take the others with it. */
const FileRead = z.discriminatedUnion("ok", [
  z.object({
    ok: z.literal(true),
    path: z.string(),
    content: z.string(),
    encoding: Encoding,
    sizeBytes: z.int(),
  }),
  z.object({ ok: z.literal(false), path: z.string(), error: OperationError }),
]);
export type FileRead = z.output<typeof FileRead>;

export const ReadFilesResult = resultOf({
  sandboxId: z.string(),
  /** In the order of the paths. */
  files: z.array(FileRead),
});

import { pathInProject } from "../../../ai/tools/project-path.ts";
import type { Sandbox } from "sandlot";
import { StudioError } from "../../contract/errors.ts";
import type { SaveAnswer } from "../../contract/files.ts";
import { STUDIO_LIMITS } from "../../contract/limits.ts";
import { absolutePath } from "./project-path.ts";

/** A file's bytes, as a stream. Throws `file_not_found`. */
export async function readProjectFile(
  sandbox: Sandbox,
  path: string,
  signal?: AbortSignal,
): Promise<NodeJS.ReadableStream> {
  const file = absolutePath(path);
  const content = await sandbox.readFile({ path: file }, signal ? { signal } : {});
  if (content) return content;
  throw new StudioError(
    "file_not_found",
    `There is no file ${pathInProject(file)}. It may have been renamed or deleted.`,
    { field: "path" },
  );
}

/** Writes a file, with the folders that it needs. Throws `too_large`. */
export async function saveProjectFile(
  sandbox: Sandbox,
  path: string,
  content: Uint8Array,
): Promise<SaveAnswer> {
  const file = absolutePath(path);
  if (content.byteLength > STUDIO_LIMITS.fileBytes) {
    throw new StudioError(
      "too_large",
      `The file is larger than ${STUDIO_LIMITS.fileBytes / 1024 / 1024} MB, which is the most that the editor saves.`,
    );
  }
  await sandbox.writeFiles([{ path: file, content }]);
  return { path: pathInProject(file), sizeBytes: content.byteLength };
}

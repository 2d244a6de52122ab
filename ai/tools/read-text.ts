import { StudioError } from "../../studio/contract/errors.ts";
import { STUDIO_LIMITS } from "../../studio/contract/limits.ts";
import { absolutePath, shownPath } from "./project-path.ts";
import type { ProjectSandbox } from "./project-sandbox.ts";

/** A file's text. Throws a StudioError for what is not there, is too large, or is no text. */
export async function readText(sandbox: ProjectSandbox, path: string): Promise<string> {
  const stream = await sandbox.readFile(absolutePath(path));
  if (stream === null) {
    throw new StudioError(
      "file_not_found",
      `There is no file ${shownPath(path)}. Call listFiles to see what there is.`,
    );
  }
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    // Leaving the loop ends the stream, so that a huge file is not read to its end.
    if (length > STUDIO_LIMITS.fileBytes) {
      throw new StudioError(
        "too_large",
        `${shownPath(path)} has more than ${STUDIO_LIMITS.fileBytes} bytes. Look at it with a command such as head or grep.`,
      );
    }
    chunks.push(bytes);
  }
  const bytes = Buffer.concat(chunks);
  if (bytes.includes(0)) {
    throw new StudioError(
      "bad_request",
      `${shownPath(path)} is a binary file of ${bytes.length} bytes. Look at it with a command such as file or xxd.`,
    );
  }
  return bytes.toString("utf8");
}

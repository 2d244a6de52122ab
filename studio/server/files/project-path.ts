import { posix } from "node:path";
import { StudioError } from "../../contract/errors.ts";
import { PROJECT_FOLDER } from "../../contract/limits.ts";

/**
 * A path of a request as an absolute one of the sandbox, whose own bounds hold it: nothing of this machine can be
 * named. Throws `bad_request`.
 */
export function absolutePath(path: string): string {
  if (path.includes("\0")) {
    throw new StudioError("bad_request", "A path cannot hold the character NUL.", {
      field: "path",
    });
  }
  return posix.resolve(PROJECT_FOLDER, path);
}

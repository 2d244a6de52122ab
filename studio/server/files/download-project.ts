import { Zip, ZipDeflate } from "fflate";
import type { Sandbox } from "sandlot";
import { StudioError } from "../../contract/errors.ts";
import type { FileEntry } from "../../contract/files.ts";
import { STUDIO_LIMITS } from "../../contract/limits.ts";
import { absolutePath } from "./project-path.ts";
import { readTree } from "./read-tree.ts";

const LEVEL = 6;

/**
 * The project's files as a zip, without what tools put there. Throws `too_large` before anything is sent; a file that is
 * deleted meanwhile is left out.
 */
export async function downloadProject(
  sandbox: Sandbox,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const { entries, truncated } = await readTree(sandbox, "", signal);
  const files = entries.filter(({ type }) => type === "file");
  const size = files.reduce((total, { sizeBytes }) => total + sizeBytes, 0);
  if (truncated || size > STUDIO_LIMITS.downloadBytes) {
    throw new StudioError(
      "too_large",
      `The project has more than ${STUDIO_LIMITS.treeEntries} files or ${STUDIO_LIMITS.downloadBytes / 1024 / 1024} MB, which is the most that is packed. Delete what was only built, or copy it with “sandbox cp”.`,
    );
  }
  return packed(sandbox, files, signal);
}

function packed(
  sandbox: Sandbox,
  files: readonly FileEntry[],
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  let next = 0;
  let zip: Zip;
  return new ReadableStream<Uint8Array>({
    start(controller) {
      zip = new Zip((error, data, final) => {
        if (error) return controller.error(error);
        controller.enqueue(data);
        if (final) controller.close();
      });
    },
    // A file at a time, so that no more is held than the reader takes.
    async pull() {
      const file = files[next++];
      if (!file) return zip.end();
      const content = await sandbox.readFileToBuffer({ path: absolutePath(file.path) }, { signal });
      if (!content) return;
      const entry = new ZipDeflate(file.path, { level: LEVEL });
      entry.mtime = new Date(file.modifiedAt);
      zip.add(entry);
      entry.push(content, true);
    },
    cancel: () => zip.terminate(),
  });
}

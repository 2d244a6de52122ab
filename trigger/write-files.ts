import { OPERATION_LIMITS } from "sandlot/contract";
import { openSandbox } from "./open-sandbox.ts";
import { operationTask } from "./operation-task.ts";

/** Writes whole files, with the folders that they are in. */
export const writeFiles = operationTask("write-files", {
  description: "Writes whole files into a sandbox. Safe to run again.",
  answerMs: OPERATION_LIMITS.answerMs,
  asked: ({ sandboxId, files }) => `write ${files.length} files in the sandbox ${sandboxId}`,
  notFound: "sandbox_not_found",
  async run({ sandboxId, files }, { signal }) {
    const written = files.map(({ path, content, encoding, mode }) => ({
      path,
      content: Buffer.from(content, encoding),
      ...(mode !== undefined && { mode }),
    }));
    const sandbox = await openSandbox(sandboxId, signal);
    await sandbox.writeFiles(written, { signal });
    return {
      sandboxId,
      files: written.map(({ path, content }) => ({ path, sizeBytes: content.length })),
    };
  },
});

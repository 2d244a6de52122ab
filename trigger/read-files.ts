import type { Sandbox } from "sandlot";
import { type FileRead, OPERATION_LIMITS } from "sandlot/contract";
import { openSandbox } from "./open-sandbox.ts";
import { faultOf, operationError } from "./operation-fault.ts";
import { operationTask } from "./operation-task.ts";

/** Reads files; one that cannot be read says so in its place, and the others are read all the same. */
export const readFiles = operationTask("read-files", {
  description: "Reads files of a sandbox, as text or as base64.",
  answerMs: OPERATION_LIMITS.answerMs,
  asked: ({ sandboxId, paths }) => `read ${paths.length} files of the sandbox ${sandboxId}`,
  notFound: "sandbox_not_found",
  async run({ sandboxId, paths, encoding }, { signal }) {
    const sandbox = await openSandbox(sandboxId, signal);
    const files: FileRead[] = [];
    let room: number = OPERATION_LIMITS.filesBytes;
    // One after the other: together they must not be more than a result may carry.
    for (const path of paths) {
      const file = await readFile(sandbox, path, { encoding, room, signal });
      if (file.ok) room -= file.content.length;
      files.push(file);
    }
    return { sandboxId, files };
  },
});

async function readFile(
  sandbox: Sandbox,
  path: string,
  { encoding, room, signal }: { encoding: "utf8" | "base64"; room: number; signal: AbortSignal },
): Promise<FileRead> {
  const asked = `read ${path}`;
  try {
    const stream = await sandbox.readFile({ path }, { signal });
    if (stream === null) throw faultOf("file_not_found", asked, "there is no such file");
    const bytes = await collect(stream, { asked, room });
    const content = bytes.toString(encoding);
    if (content.length > room) throw tooLarge(asked);
    return { ok: true, path, content, encoding, sizeBytes: bytes.length };
  } catch (error) {
    const known = operationError(error, { asked, notFound: "file_not_found" });
    if (!known || signal.aborted) throw error;
    return { ok: false, path, error: known };
  }
}

async function collect(
  stream: AsyncIterable<string | Uint8Array>,
  { asked, room }: { asked: string; room: number },
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk as Uint8Array);
    size += bytes.length;
    // Leaving the loop ends the stream: the rest of a huge file is not sent.
    if (size > room) throw tooLarge(asked);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

function tooLarge(asked: string) {
  return faultOf(
    "too_large",
    asked,
    `one result carries ${OPERATION_LIMITS.filesBytes} characters of content, and with this file there would be more. Read it in a call of its own, or look at it with a command such as head`,
  );
}

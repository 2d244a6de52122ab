import { OPERATION_LIMITS, type OperationSuccess } from "sandlot/contract";
import { openCommand, openSandbox } from "./open-sandbox.ts";
import { operationTask } from "./operation-task.ts";

type Chunk = OperationSuccess<"get-command-logs">["chunks"][number];

/** Reads what a command has written so far, from where the caller left off. */
export const getCommandLogs = operationTask("get-command-logs", {
  description:
    "Reads a command's output, page by page. For live output, read execute-command's stream.",
  answerMs: OPERATION_LIMITS.answerMs,
  asked: ({ commandId }) => `read the log of the command ${commandId}`,
  notFound: "command_not_found",
  async run({ sandboxId, commandId, from, limitBytes }, { signal }) {
    const sandbox = await openSandbox(sandboxId, signal);
    const command = await openCommand(sandbox, commandId, signal);
    const { exitCode } = command;
    // The log of a command that runs has no end to wait for; that of one that has ended is read anywhere.
    const logs = exitCode === null ? command.outputSoFar({ signal }) : command.logs({ signal });
    const { isWhole, ...page } = await readPage(logs, { from, limitBytes });
    return { sandboxId, commandId, exitCode, ...page, complete: isWhole && exitCode !== null };
  },
});

async function readPage(
  logs: AsyncIterable<Chunk>,
  { from, limitBytes }: { from: number; limitBytes: number },
) {
  const chunks: Chunk[] = [];
  let position = 0;
  let room = limitBytes;
  for await (const { stream, data } of logs) {
    const fresh = data.slice(Math.max(0, from - position));
    position += data.length;
    if (fresh === "") continue;
    const piece = firstBytes(fresh, room);
    room -= Buffer.byteLength(piece);
    if (piece !== "") chunks.push({ stream, data: piece });
    if (piece.length < fresh.length) {
      return { chunks, next: position - fresh.length + piece.length, isWhole: false };
    }
  }
  return { chunks, next: Math.max(from, position), isWhole: true };
}

/** As much of the text's beginning as fits. A character is not cut. */
function firstBytes(text: string, limitBytes: number): string {
  if (Buffer.byteLength(text) <= limitBytes) return text;
  const { read } = new TextEncoder().encodeInto(text, new Uint8Array(limitBytes));
  return text.slice(0, read);
}

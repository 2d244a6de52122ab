import type { DatabaseSync } from "node:sqlite";
import { shortenLine } from "../../../ai/tools/shorten-line.ts";
import type { CommandSummary } from "../../contract/command.ts";
import type { StudioChunk } from "../../contract/message.ts";
import type { ProjectStore } from "../projects/project-store.ts";
import type { Workspaces } from "../workspaces/workspaces.ts";
import { noticeChunk, TurnAnnotator } from "./annotate-turn.ts";
import { replayMessage } from "./replay-message.ts";
import { readChunks } from "./turn-log.ts";

/**
 * Ends the turns whose process is gone, with the commands that their agents waited for: a turn that comes next finds
 * none of them at work. Each answer keeps what it had said, with a sentence that says what was interrupted. Turns of another
 * studio that still lives are left to it.
 */
export async function recoverTurns({
  database,
  projects,
  workspaces,
}: {
  database: DatabaseSync;
  projects: ProjectStore;
  workspaces: Workspaces;
}): Promise<void> {
  const rows = database
    .prepare("SELECT id, project_id, process_id FROM turns WHERE ended = 0")
    .all();
  for (const row of rows) {
    // This process has begun none yet: a turn with its number is of an earlier one.
    const processId = Number(row["process_id"]);
    if (processId !== process.pid && isAlive(processId)) continue;
    const turnId = String(row["id"]);
    const projectId = String(row["project_id"]);
    const ended = await workspaces.endForeground(projectId);
    const message = await replayMessage(withEnd(readChunks(database, turnId), ended));
    if (message) projects.putMessage(projectId, message);
    const { turn } = projects.get(projectId);
    const { step: _, ...rest } = turn;
    projects.setState(projectId, { turn: { ...rest, status: "idle", ended: "interrupted" } });
    database.prepare("UPDATE turns SET ended = 1 WHERE id = ?").run(turnId);
    database.prepare("DELETE FROM turn_chunks WHERE turn_id = ?").run(turnId);
  }
}

// Nothing was said yet: there is no answer that could carry the sentence, so one is begun.
function withEnd(chunks: StudioChunk[], ended: readonly CommandSummary[]): StudioChunk[] {
  const annotator = new TurnAnnotator({ maxSteps: 0 });
  for (const chunk of chunks) annotator.after(chunk);
  const begun = chunks.some(({ type }) => type === "start");
  return [
    ...(begun ? [] : [{ type: "start", messageId: `interrupted-${Date.now()}` } as const]),
    ...chunks,
    ...[...annotator.facts.openCalls].map((toolCallId): StudioChunk => ({
      type: "tool-output-error",
      toolCallId,
      errorText: "Interrupted: the studio ended while this ran.",
    })),
    noticeChunk({
      level: "warning",
      code: "interrupted",
      text: [
        "The studio ended in the middle of this answer. What was done until then is there.",
        ...ended.map(
          ({ command }) =>
            `“${shortenLine(command)}” was still running: it was ended before it was done.`,
        ),
      ].join(" "),
      nextStep: "Send a message to go on.",
    }),
    { type: "finish" },
  ];
}

function isAlive(processId: number): boolean {
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // It is there, and somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

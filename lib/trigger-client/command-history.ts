import * as z from "zod";
import { SandboxError } from "../contract/errors.ts";
import { outputLines } from "./output-lines.ts";
import type { OutputPiece } from "./output-so-far.ts";
import { ask, readJson } from "./engine-request.ts";

// What the vendor's SDK has no call for: the commands of every session of a sandbox,
// ended ones included, and their logs. Answers are read loosely: more fields are no error.

const Page = z.object({ pagination: z.object({ next: z.string().nullable() }) });
const SessionPage = Page.extend({ sessions: z.array(z.object({ id: z.string() })) });

const PastCommand = z.object({
  id: z.string(),
  sessionId: z.string(),
  name: z.string(),
  args: z.array(z.string()),
  cwd: z.string(),
  /** Null while it runs. */
  exitCode: z.number().nullable(),
  startedAt: z.number(),
  durationMs: z.number().optional(),
});
export type PastCommand = z.output<typeof PastCommand>;
const CommandPage = Page.extend({ commands: z.array(PastCommand) });

/** A sandbox's commands, the newest first, one session after the other. Throws for an unknown sandbox. */
export async function* commandsOf(
  sandboxName: string,
  signal: AbortSignal,
): AsyncGenerator<PastCommand, void, void> {
  // A list of sessions is empty for an unknown name, so the name is asked for first.
  await ask(`/v2/sandboxes/${encodeURIComponent(sandboxName)}?resume=false`, { signal });
  const sessions = pages("/v2/sandboxes/sessions", { name: sandboxName }, SessionPage, signal);
  for await (const { sessions: found } of sessions) {
    for (const { id } of found) {
      const commands = pages(`/v2/sandboxes/sessions/${id}/cmd`, {}, CommandPage, signal);
      for await (const page of commands) yield* page.commands;
    }
  }
}

/** The command of that id, or the newest for `last`. Throws `command_not_found`. */
export async function findCommand(
  sandboxName: string,
  id: string,
  signal: AbortSignal,
): Promise<PastCommand> {
  for await (const command of commandsOf(sandboxName, signal)) {
    if (id === "last" || command.id === id) return command;
  }
  const asked = id === "last" ? "No command ran" : `No command ${id} ran`;
  throw new SandboxError(
    "command_not_found",
    `${asked} in sandbox ${sandboxName}.\nList its commands with: sandlot logs ${sandboxName}`,
  );
}

/**
 * The command's output: all of it, then what is still to come, until the command ends. Returns when the
 * engine has begun to answer.
 */
export async function openLogs(
  { sessionId, id }: Pick<PastCommand, "sessionId" | "id">,
  signal: AbortSignal,
): Promise<AsyncGenerator<OutputPiece, void, void>> {
  return entriesOf(await ask(`/v2/sandboxes/sessions/${sessionId}/cmd/${id}/logs`, { signal }));
}

async function* entriesOf(response: Response): AsyncGenerator<OutputPiece, void, void> {
  for await (const line of outputLines(response)) {
    if (line.stream === "error") throw new SandboxError("internal", line.data.message);
    yield line;
  }
}

async function* pages<Schema extends typeof Page>(
  path: string,
  query: Record<string, string>,
  schema: Schema,
  signal: AbortSignal,
): AsyncGenerator<z.output<Schema>, void, void> {
  let cursor: string | null = null;
  do {
    const search = new URLSearchParams({ ...query, limit: "100", ...(cursor ? { cursor } : {}) });
    const page: z.output<Schema> = await readJson(
      await ask(`${path}?${search.toString()}`, { signal }),
      schema,
    );
    yield page;
    cursor = page.pagination.next;
  } while (cursor !== null);
}

import * as z from "zod";
import type { Command } from "../../contract/command.ts";
import type { Engine } from "../../engine/engine.ts";
import { everyItem } from "../../engine/every-item.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { type Call, type Endpoint, eventually, type FaceContext, json } from "./answers.ts";
import { commandStream, logStream } from "./command-output.ts";
import { presentCommand } from "./present-records.ts";
import { readJson, readQuery } from "./read-request.ts";
import { CommandBody, KillBody, StdinBody, toCommandRequest } from "./wire-command.ts";
import { CommandsQuery, Flag, NoQuery, pagination } from "./wire-lists.ts";

// `follow` is not the vendor's: without it, the answer ends with what is there now.
const LogsQuery = z.strictObject({ follow: Flag.default(true) });
const WaitQuery = z.strictObject({ wait: Flag.default(false) });

/** What the two dialects do differently about commands: whose they are, and how they look. */
export interface CommandDialect {
  context: FaceContext;
  /** The session that the call is about. */
  sessionOf: (call: Call) => Promise<string>;
  present: (command: Command) => unknown;
}

/** What is below `/sandboxes/sessions/:id/cmd`. */
export function commandEndpoints(context: FaceContext): Endpoint[] {
  const { engine } = context;
  const dialect: CommandDialect = {
    context,
    sessionOf: async ({ parameter }) => parameter("id"),
    present: presentCommand,
  };
  const base = "/sandboxes/sessions/:id/cmd";
  return [
    {
      method: "GET",
      path: base,
      async answer({ url, parameter }) {
        const query = withoutUndefined(readQuery(url, CommandsQuery, "this list's query"));
        const { session } = await engine.sessions.get(parameter("id"));
        const page = listCommands(engine, session.id, query);
        return json({ commands: page.items.map(presentCommand), pagination: pagination(page) });
      },
    },
    { method: "POST", path: base, answer: (call) => startCommand(dialect, call) },
    { method: "GET", path: `${base}/:commandId`, answer: (call) => getCommand(dialect, call) },
    { method: "GET", path: `${base}/:commandId/logs`, answer: (call) => readLogs(dialect, call) },
    {
      method: "POST",
      path: `${base}/:commandId/kill`,
      answer: (call) => killCommand(dialect, call),
    },
    {
      method: "POST",
      path: `${base}/:commandId/stdin`,
      async answer(call) {
        const body = await readJson(call.request, StdinBody, "a write to stdin");
        const { offset } = await engine.commands.writeStdin(
          call.parameter("id"),
          call.parameter("commandId"),
          {
            data: Buffer.from(body.data, "base64"),
            end: body.close,
            ...(body.offset !== undefined && { offset: body.offset }),
          },
          { signal: call.request.signal },
        );
        // The vendor's word for all that was written so far.
        return json({ bytesWritten: offset });
      },
    },
  ];
}

/**
 * Starts a command, and answers at once or, with `wait`, by a stream that ends with it. A caller that
 * leaves stops the reading at most: the command goes on, as the vendor's does.
 */
export async function startCommand(dialect: CommandDialect, call: Call): Promise<Response> {
  const { context, present } = dialect;
  readQuery(call.url, NoQuery, "this call's query");
  const body = await readJson(call.request, CommandBody, "a command");
  const sessionId = await dialect.sessionOf(call);
  const command = await context.engine.commands.start(sessionId, toCommandRequest(body));
  if (!body.wait) return json({ command: present(command) });
  return commandStream({ context, call, command }, { logs: body.logs, present });
}

export async function getCommand(dialect: CommandDialect, call: Call): Promise<Response> {
  const { wait } = readQuery(call.url, WaitQuery, "this call's query");
  const command = await findCommand(dialect, call);
  if (!wait) return json({ command: dialect.present(command) });
  const { context } = dialect;
  const { signal } = call.request;
  return eventually(context.engine.commands.wait(command.sessionId, command.id, { signal }), {
    context,
    call,
    present: (ended) => ({ body: { command: dialect.present(ended) } }),
  });
}

export async function readLogs(dialect: CommandDialect, call: Call): Promise<Response> {
  const { follow } = readQuery(call.url, LogsQuery, "this call's query");
  const command = await findCommand(dialect, call);
  return logStream({ context: dialect.context, call, command }, { follow });
}

export async function killCommand(dialect: CommandDialect, call: Call): Promise<Response> {
  const { signal } = await readJson(call.request, KillBody, "killing a command");
  const command = await findCommand(dialect, call);
  const { commands } = dialect.context.engine;
  const killed = await commands.kill(command.sessionId, command.id, signal);
  return json({ command: dialect.present(killed) });
}

async function findCommand(dialect: CommandDialect, call: Call): Promise<Command> {
  const sessionId = await dialect.sessionOf(call);
  return dialect.context.engine.commands.get(sessionId, call.parameter("commandId"));
}

function listCommands(
  { commands }: Engine,
  sessionId: string,
  { limit, ...query }: { limit?: number; cursor?: string; sortOrder: "asc" | "desc" },
): { items: Command[]; next?: string } {
  if (limit !== undefined) return commands.list(sessionId, { ...query, limit });
  return { items: [...everyItem((part) => commands.list(sessionId, { ...query, ...part }))] };
}

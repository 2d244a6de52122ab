import * as z from "zod";
import type { Command } from "../../contract/command.ts";
import type { Session } from "../../contract/sandbox.ts";
import {
  type DaytonaContext,
  done,
  json,
  mustFit,
  type ToolboxCall,
  type ToolboxEndpoint,
} from "./answers.ts";
import { ENTRYPOINT, entrypointCommand } from "./entrypoint.ts";
import { OutputMarks } from "./output-marks.ts";
import { markedBytes } from "./marked-output.ts";
import { readToolboxJson } from "./read-request.ts";
import { lineOf, type ShellSession } from "./shell-sessions.ts";

const CreateBody = z.object({ sessionId: z.string().min(1).max(256) });
const InputBody = z.object({ data: z.string() });
const ExecuteBody = z.object({
  command: z.string().min(1),
  runAsync: z.boolean().optional(),
  async: z.boolean().optional(),
  suppressInputEcho: z.boolean().optional(),
});

const BASE = "/process/session";

/** `/process/session`: shells that live on from one line to the next. */
export function shellEndpoints(context: DaytonaContext): ToolboxEndpoint[] {
  const { engine, shells } = context;
  const present = async (session: Session, shell: ShellSession) => {
    const lines = shell.lineIds.map((id) => engine.commands.get(session.id, id));
    return {
      sessionId: shell.id,
      commands: (await Promise.all(lines)).map((line) => presentCommand(line)),
    };
  };
  const line = ({ session, parameter }: ToolboxCall): Promise<Command> =>
    shells.line(session, parameter("sessionId"), parameter("commandId"));
  return [
    {
      method: "GET",
      path: `${BASE}/entrypoint`,
      async answer({ sandbox, session }) {
        const command = entrypointCommand(engine, { sandbox, session });
        return json({
          sessionId: ENTRYPOINT,
          commands: command ? [{ ...presentCommand(command), command: command.args[1] ?? "" }] : [],
        });
      },
    },
    {
      method: "GET",
      path: `${BASE}/entrypoint/logs`,
      async answer(call) {
        const command = entrypointCommand(engine, call);
        if (command) return logs(context, call, command);
        return json({ output: "", stdout: "", stderr: "" });
      },
    },
    {
      method: "GET",
      path: BASE,
      async answer({ session }) {
        return json(
          await Promise.all(shells.list(session).map((shell) => present(session, shell))),
        );
      },
    },
    {
      method: "POST",
      path: BASE,
      async answer({ request, session }) {
        const { sessionId } = await readToolboxJson(request, CreateBody, "a new session");
        await shells.create(session, sessionId);
        return done(201);
      },
    },
    {
      method: "GET",
      path: `${BASE}/:sessionId`,
      async answer({ session, parameter }) {
        return json(await present(session, shells.get(session, parameter("sessionId"))));
      },
    },
    {
      method: "DELETE",
      path: `${BASE}/:sessionId`,
      async answer({ session, parameter }) {
        await shells.delete(session, parameter("sessionId"));
        return done(204);
      },
    },
    {
      method: "POST",
      path: `${BASE}/:sessionId/exec`,
      async answer({ request, session, parameter }) {
        const body = await readToolboxJson(request, ExecuteBody, "a command of a session");
        const { id } = await shells.start(session, parameter("sessionId"), {
          line: body.command,
          echo: body.suppressInputEcho !== true,
        });
        if (body.runAsync ?? body.async) {
          return json({ cmdId: id, exitCode: null, output: null }, { status: 202 });
        }
        const written = await collect(context, { session, id, request, follow: true });
        const { exitCode } = await engine.commands.wait(session.id, id, request);
        return json({ cmdId: id, exitCode, ...written });
      },
    },
    {
      method: "GET",
      path: `${BASE}/:sessionId/command/:commandId`,
      answer: async (call) => json(presentCommand(await line(call))),
    },
    {
      method: "GET",
      path: `${BASE}/:sessionId/command/:commandId/logs`,
      answer: async (call) => logs(context, call, await line(call)),
    },
    {
      method: "POST",
      path: `${BASE}/:sessionId/command/:commandId/input`,
      async answer(call) {
        const { data } = await readToolboxJson(call.request, InputBody, "input");
        await shells.write(call.session, await line(call), data);
        return done(204);
      },
    },
  ];
}

function presentCommand(command: Command) {
  const { id, exitCode } = command;
  return { id, command: lineOf(command), ...(exitCode !== null && { exitCode }) };
}

/** What was written so far; with `follow` in the query a stream that ends with the command. */
async function logs(
  context: DaytonaContext,
  { request, url, session }: ToolboxCall,
  { id }: Command,
): Promise<Response> {
  if (url.searchParams.get("follow") !== "true") {
    return json(await collect(context, { session, id, request, follow: false }));
  }
  const chunks = markedBytes(context.engine, {
    sessionId: session.id,
    commandId: id,
    signal: request.signal,
  });
  const headers = { "content-type": "application/octet-stream", "cache-control": "no-store" };
  return new Response(ReadableStream.from(chunks) as ReadableStream<Uint8Array>, { headers });
}

async function collect(
  { engine }: DaytonaContext,
  {
    session,
    id,
    request: { signal },
    follow,
  }: { session: Session; id: string; request: Request; follow: boolean },
): Promise<{ output: string; stdout: string; stderr: string }> {
  const marks = new OutputMarks();
  const written = { output: "", stdout: "", stderr: "" };
  for await (const { stream, data } of engine.commands.output(session.id, id, { follow, signal })) {
    written.output += marks.add(stream, data);
    written[stream] += data;
    mustFit(written);
  }
  return written;
}

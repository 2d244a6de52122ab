import * as z from "zod";
import { Environment, type Sandbox, type Session } from "../../contract/sandbox.ts";
import { SandboxError } from "../../contract/errors.ts";
import { TerminalRequest, type TerminalView } from "../../contract/terminal.ts";
import type { Engine } from "../../engine/engine.ts";
import { newId } from "../../std/ids.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { type DaytonaContext, json, type ToolboxEndpoint } from "./answers.ts";
import { DaytonaFault } from "./faults.ts";
import { toTime } from "./present-sandbox.ts";
import { readToolboxJson } from "./read-request.ts";

const { columns, rows } = TerminalRequest.shape;

/** A terminal as a client asks for it, in a body or in a query. */
export const PtyRequest = z.object({
  id: TerminalRequest.shape.id,
  cols: columns,
  rows,
  cwd: z.string().optional(),
  envs: Environment.optional(),
  lazyStart: z.boolean().optional(),
});

const ResizeBody = z.object({ cols: columns.unwrap(), rows: rows.unwrap() });

const SIGKILL = 9;
const VARIABLES = { TERM: "xterm-256color", LANG: "en_US.UTF-8" };

/** `/process/pty`: terminals, which go on without anybody looking. Looking on is for WebSockets. */
export function ptyEndpoints({ engine }: DaytonaContext): ToolboxEndpoint[] {
  const { terminals } = engine;
  const base = "/process/pty";
  return [
    {
      method: "GET",
      path: base,
      answer: async ({ session }) => json({ sessions: terminals.list(session.id).map(presentPty) }),
    },
    {
      method: "POST",
      path: base,
      async answer({ request, sandbox, session }) {
        const wanted = await readToolboxJson(request, PtyRequest, "a new terminal");
        const { id } = await startPty(engine, { sandbox, session, wanted });
        return json({ sessionId: id }, { status: 201 });
      },
    },
    {
      method: "GET",
      path: `${base}/:id`,
      answer: async ({ session, parameter }) =>
        json(presentPty(findPty(engine, session, parameter("id")))),
    },
    {
      method: "DELETE",
      path: `${base}/:id`,
      async answer({ session, parameter }) {
        const { id } = findPty(engine, session, parameter("id"));
        await terminals.signal(session.id, id, SIGKILL);
        return json({ message: "PTY session deleted" });
      },
    },
    {
      method: "POST",
      path: `${base}/:id/resize`,
      async answer({ request, session, parameter }) {
        const size = await readToolboxJson(request, ResizeBody, "a terminal's size");
        const { id } = findPty(engine, session, parameter("id"));
        return json(
          presentPty(
            await terminals.resize(session.id, id, { columns: size.cols, rows: size.rows }),
          ),
        );
      },
    },
  ];
}

/** A shell on a terminal. Throws `name_taken` for an id that is known. */
export async function startPty(
  { terminals }: Pick<Engine, "terminals">,
  {
    sandbox,
    session,
    wanted,
  }: { sandbox: Sandbox; session: Session; wanted: z.output<typeof PtyRequest> },
): Promise<TerminalView> {
  if (wanted.lazyStart) {
    throw new SandboxError(
      "unsupported",
      "`lazyStart` is not supported: a terminal starts when it is made.",
    );
  }
  const request = withoutUndefined({
    id: wanted.id ?? newId("pty"),
    cmd: "bash",
    args: ["-i", "-l"],
    cwd: wanted.cwd === "" ? undefined : (wanted.cwd ?? sandbox.cwd),
    env: { ...VARIABLES, ...wanted.envs },
    columns: wanted.cols,
    rows: wanted.rows,
  });
  return terminals.start(session.id, request);
}

/** Throws the vendor's fault for one that is not there. */
export function findPty(
  { terminals }: Pick<Engine, "terminals">,
  session: Session,
  id: string,
): TerminalView {
  const found = terminals.list(session.id).find((terminal) => terminal.id === id);
  if (found) return found;
  throw new DaytonaFault({ status: 404, code: "PROCESS_NOT_FOUND" }, "PTY session not found");
}

function presentPty(terminal: TerminalView) {
  return {
    id: terminal.id,
    cwd: terminal.cwd,
    // What else it was given may be a secret, and is not kept.
    envs: VARIABLES,
    cols: terminal.columns,
    rows: terminal.rows,
    createdAt: toTime(terminal.startedAt),
    active: terminal.exitCode === null,
    lazyStart: false,
  };
}

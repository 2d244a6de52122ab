import * as z from "zod";
import { type InterpreterContext, interpreters } from "../../engine/interpreters.ts";
import { type DaytonaContext, json, type ToolboxEndpoint } from "./answers.ts";
import { toTime } from "./present-sandbox.ts";
import { readToolboxJson } from "./read-request.ts";
import { unsupported } from "./wire-sandbox.ts";

const CreateBody = z.object({
  cwd: z.string().optional(),
  language: z.string().optional(),
});

/** `/process/interpreter/context`: places where code leaves its variables. Running code is for WebSockets. */
export function interpreterEndpoints({
  engine,
  defaultContexts,
}: DaytonaContext): ToolboxEndpoint[] {
  const contexts = interpreters(engine);
  const base = "/process/interpreter/context";
  return [
    {
      method: "GET",
      path: base,
      async answer({ session }) {
        // The vendor tells of no other languages, and not of the place for code that names none.
        const shown = contexts
          .list(session.id)
          .filter(({ id, language }) => language === "python" && !defaultContexts.has(id));
        return json({ contexts: shown.map(presentContext) });
      },
    },
    {
      method: "POST",
      path: base,
      async answer({ request, session }) {
        const { cwd, language = "python" } = await readToolboxJson(
          request,
          CreateBody,
          "a context",
        );
        if (language !== "python") {
          throw unsupported("language", "this vendor's contexts are Python's; leave it out");
        }
        const wanted = { language: "python" as const, ...(cwd && { cwd }) };
        const context = await contexts.create(session.id, wanted, { signal: request.signal });
        return json(presentContext(context));
      },
    },
    {
      method: "DELETE",
      path: `${base}/:id`,
      async answer({ session, parameter }) {
        await contexts.delete(session.id, parameter("id"));
        return json({ message: "Context deleted" });
      },
    },
  ];
}

function presentContext({ id, cwd, createdAt, language }: InterpreterContext) {
  return { id, cwd, createdAt: toTime(createdAt), active: true, language };
}

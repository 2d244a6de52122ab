import * as z from "zod";
import { LIMITS } from "../../../contract/limits.ts";
import { Environment } from "../../../contract/sandbox.ts";
import type {
  InterpreterContext,
  InterpreterEvent,
  InterpreterLanguage,
} from "../../../engine/interpreters.ts";

const ALIASES: Record<string, InterpreterLanguage> = {
  bash: "bash",
  javascript: "javascript",
  js: "javascript",
  python: "python",
  ts: "typescript",
  typescript: "typescript",
};

const Language = z.string().transform((given, context) => {
  const language = ALIASES[given.trim().toLowerCase() || "python"];
  if (language) return language;
  context.addIssue({
    code: "custom",
    message: `${JSON.stringify(given.slice(0, 40))} cannot be run here: python, javascript, typescript and bash can`,
  });
  return z.NEVER;
});

export const ExecuteBody = z.object({
  code: z.string(),
  context_id: z.string().nullish(),
  language: Language.nullish(),
  env_vars: Environment.nullish(),
});

export const ContextBody = z.object({
  language: Language.nullish(),
  cwd: z.string().min(1).max(LIMITS.pathLength).nullish(),
});

export function presentContext({ id, language, cwd }: InterpreterContext) {
  return { id, language, cwd };
}

/** Where the vendor's clients look for each kind of result. */
const FORMATS: Record<string, string> = {
  "text/plain": "text",
  "text/html": "html",
  "text/markdown": "markdown",
  "image/svg+xml": "svg",
  "image/png": "png",
  "image/jpeg": "jpeg",
  "application/pdf": "pdf",
  "text/latex": "latex",
  "application/json": "json",
  "application/javascript": "javascript",
};

/** One line of an execution's answer. */
export function presentEvent(event: InterpreterEvent, language: InterpreterLanguage): object {
  switch (event.type) {
    case "stdout":
    case "stderr":
      return { type: event.type, text: event.text, timestamp: new Date().toISOString() };
    case "count":
      return { type: "number_of_executions", execution_count: event.executionCount };
    case "error":
      return event;
    case "result":
      return presentResult(event, language);
  }
}

function presentResult(
  { formats, isMain }: Extract<InterpreterEvent, { type: "result" }>,
  language: InterpreterLanguage,
): object {
  const result: Record<string, unknown> = { type: "result", is_main_result: isMain };
  const extra: Record<string, unknown> = {};
  for (const [kind, data] of Object.entries(formats)) {
    const name = FORMATS[kind];
    if (name) result[name] = data;
    else extra[kind] = data;
  }
  // What Python shows of a text has quotes around it, which the vendor takes off.
  if (language === "python" && typeof result["text"] === "string") {
    result["text"] = /^'(.*)'$/s.exec(result["text"])?.[1] ?? result["text"];
  }
  return Object.keys(extra).length > 0 ? { ...result, extra } : result;
}

export const END = { type: "end_of_execution" };

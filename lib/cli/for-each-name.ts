import { SandboxError } from "../contract/errors.ts";
import { Sandbox } from "../trigger-client/index.ts";
import type { Console } from "./console.ts";
import { describeError } from "../trigger-client/describe-error.ts";
import { exitCodeOf } from "./exit-codes.ts";

interface Selection {
  command: string;
  /** Whether the option was given that stands for a whole group. */
  all: boolean;
  /** Which sandboxes the group holds. */
  select: (sandbox: { status: string }) => boolean;
  signal: AbortSignal;
}

/** The names given, each once, or those of the group; never both, never none by oversight. */
export async function namesToTreat(given: string[], selection: Selection): Promise<string[]> {
  const { command, all, select, signal } = selection;
  if (all === given.length > 0) {
    const problem = all
      ? "Give names, or the option for all of them, not both."
      : "No sandbox is named.";
    throw new SandboxError("invalid_request", `${problem}\nSee: sandlot ${command} --help`);
  }
  if (!all) return [...new Set(given)];
  const sandboxes = await (await Sandbox.list({ limit: 50, signal })).toArray();
  return sandboxes.filter(select).map(({ name }) => name);
}

interface Treatment {
  console: Console;
  json: boolean;
  /** The word that says what became of it. */
  done: string;
  work: (name: string) => Promise<Record<string, string>>;
}

/** Treats each in turn and goes on after a failure; gives the first failure's exit code. */
export async function forEachName(names: string[], treatment: Treatment): Promise<number> {
  const { console, json, done, work } = treatment;
  const results: Record<string, unknown>[] = [];
  let exitCode = 0;
  for (const name of names) {
    try {
      const details = await work(name);
      results.push({ name, result: done, ...details });
      if (json) continue;
      const remarks = Object.values(details);
      console.line(`${name} ${done}${remarks.length > 0 ? ` (${remarks.join(", ")})` : ""}`);
    } catch (error) {
      exitCode ||= exitCodeOf(error);
      const message = describeError(error);
      results.push({ name, result: "failed", error: message });
      if (!json) console.note(`${console.paint("red", `${name}:`, "note")} ${message}`);
    }
  }
  if (json) console.json(results);
  else if (names.length === 0) console.note("There is none.");
  return exitCode;
}

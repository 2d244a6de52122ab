import { stripVTControlCharacters } from "node:util";
import type { CommandSummary } from "../../contract/command.ts";
import { STUDIO_LIMITS } from "../../contract/limits.ts";
import type { RuntimeProblem } from "../../contract/runtime-error.ts";
import { findCommand, sandboxAsItIs } from "../sandboxes/find-sandbox.ts";

// A server writes warnings and progress there, too: only what is plainly an error counts.
const IS_ERROR =
  /^\s*(?:\w*Error\b|Uncaught\b|Unhandled|Traceback \(most recent|panic:|fatal:|npm (?:ERR!|error)\b)|\b(?:SyntaxError|TypeError|ReferenceError|EADDRINUSE|Cannot find module|Failed to (?:compile|resolve|load))\b|Internal server error/im;
// A stack trace comes in several pieces.
const QUIET_MS = 700;
const KEPT_LENGTH = STUDIO_LIMITS.errorTextLength;

/**
 * Reads what a background command writes to stderr until it ends, and calls back with each error that it tells of there.
 * Ends by itself, also when the output cannot be read on.
 */
export async function watchErrors(
  sandboxId: string,
  command: CommandSummary,
  { signal, report }: { signal: AbortSignal; report: (problem: RuntimeProblem) => void },
): Promise<void> {
  let text = "";
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const found = problemIn(text, command);
    text = "";
    if (found) report(found);
  };
  try {
    const running = await findCommand(await sandboxAsItIs(sandboxId), command.cmdId);
    for await (const { stream, data } of running.logs({ signal })) {
      if (stream !== "stderr") continue;
      text = (text + data).slice(-KEPT_LENGTH);
      clearTimeout(timer);
      timer = setTimeout(look, QUIET_MS);
    }
  } catch {
    // Its sandbox stopped, or the studio ends: what it said until then is all there is.
  } finally {
    clearTimeout(timer);
  }
}

/** What an ended command's last output says of its end. */
export function problemOfEnd(
  { cmdId, command, exitCode }: CommandSummary,
  lastLines: readonly string[],
): RuntimeProblem {
  const output = stripVTControlCharacters(lastLines.join("\n"));
  const line = output.split("\n").find((each) => IS_ERROR.test(each));
  return {
    source: "command",
    message: (line ?? `It ended with exit code ${exitCode}.`).trim().slice(0, KEPT_LENGTH),
    detail: output.slice(-KEPT_LENGTH),
    location: command.slice(0, 2_000),
    commandId: cmdId,
  };
}

function problemIn(text: string, { cmdId, command }: CommandSummary): RuntimeProblem | undefined {
  const plain = stripVTControlCharacters(text);
  const line = plain.split("\n").find((each) => IS_ERROR.test(each));
  if (line === undefined) return undefined;
  return {
    source: "command",
    message: line.trim(),
    detail: plain.trim(),
    location: command.slice(0, 2_000),
    commandId: cmdId,
  };
}

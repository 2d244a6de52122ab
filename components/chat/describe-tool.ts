import { countOf } from "../lib/format.ts";
import { type ToolPart, type ToolState, toolStateOf } from "./tool-part.ts";

/** A call in words: what is done, to what, and what came of it. */
export interface ToolWords {
  state: ToolState;
  /** `Ran`, `Writing 3 files`. */
  verb: string;
  /** A path or a command line, set in the fixed font. */
  object?: string;
  /** What is to be known besides, in short: `exit 1`, `+3 −1`. */
  note?: string;
}

/** Says what a tool call does or did. `growing`: its message is still being written. */
export function describeTool(part: ToolPart, growing: boolean): ToolWords {
  const state = toolStateOf(part, growing);
  // Input that is still arriving may lack anything.
  const done = state === "done" || (state === "failed" && part.state === "output-available");
  const say = (during: string, after: string) => (done ? after : during);
  switch (part.type) {
    case "tool-createSandbox": {
      const existed = part.state === "output-available" && part.output.existed;
      return {
        state,
        verb: say("Creating a sandbox", existed ? "Has a sandbox" : "Created a sandbox"),
      };
    }
    case "tool-generateFiles": {
      const count = part.input?.files?.length ?? 0;
      const files = count > 0 ? countOf(count, "file") : "files";
      return { state, verb: say(`Writing ${files}`, `Wrote ${files}`) };
    }
    case "tool-editFile": {
      const words = withObject({ state, verb: say("Editing", "Edited") }, part.input?.path);
      if (part.state !== "output-available") return words;
      return { ...words, note: `+${part.output.linesAdded} −${part.output.linesRemoved}` };
    }
    case "tool-readFile":
      return withObject({ state, verb: say("Reading", "Read") }, part.input?.path);
    case "tool-listFiles":
      return withObject(
        { state, verb: say("Listing", "Listed") },
        part.input?.path ?? "the project",
      );
    case "tool-runCommand": {
      const background = part.input?.background === true;
      const run = background ? "start" : "run";
      const told = background ? say("Starting", "Started") : say("Running", "Ran");
      const verb =
        state === "waiting" ? `Wants to ${run}` : state === "denied" ? `Wanted to ${run}` : told;
      return { ...withObject({ state, verb }, part.input?.command), ...commandNote(part, state) };
    }
    case "tool-getCommandLogs":
      return { state, verb: say("Reading a command’s output", "Read a command’s output") };
    case "tool-getSandboxUrl": {
      const port = part.input?.port;
      const words = { state, verb: say("Looking for the app", "Looked for the app") };
      if (part.state !== "output-available") return withObject(words, portText(port));
      return {
        ...withObject(words, portText(part.output.port)),
        note: part.output.listening ? "it answers" : "nothing answers yet",
      };
    }
    case "tool-stop": {
      const what = part.input?.commandId ? "a command" : "the sandbox";
      return { state, verb: say(`Stopping ${what}`, `Stopped ${what}`) };
    }
  }
}

/** What each state is called where it can only be read out. */
export const TOOL_STATE_NAMES: Record<ToolState, string> = {
  waiting: "waits for your answer",
  running: "running",
  done: "done",
  failed: "failed",
  denied: "not allowed",
  interrupted: "interrupted",
};

function withObject(words: ToolWords, object: string | undefined): ToolWords {
  return object ? { ...words, object } : words;
}

const portText = (port: number | undefined) => (port === undefined ? undefined : `port ${port}`);

function commandNote(
  part: Extract<ToolPart, { type: "tool-runCommand" }>,
  toolState: ToolState,
): { note?: string } {
  if (toolState === "denied") return { note: "not allowed" };
  if (part.state !== "output-available") return {};
  const { state, exitCode } = part.output;
  if (state === "timed-out") return { note: "took too long" };
  if (state === "running") return { note: "in the background" };
  return exitCode === null || exitCode === 0 ? {} : { note: `exit ${exitCode}` };
}

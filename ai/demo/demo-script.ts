import type { StudioTools, ToolName } from "../../studio/contract/tools.ts";

/** One call of a tool, with what is said before it. */
export type DemoStep = {
  [Name in ToolName]: { say?: string; tool: Name; input: StudioTools[Name]["input"] };
}[ToolName];

/** How a call ended. */
export type Outcome =
  | { state: "done"; output: unknown }
  | { state: "failed"; message: string }
  | { state: "denied"; message: string };

/**
 * What the demo does for one prompt: it yields calls, is given how each ended, and returns its last words.
 * It is run anew for every step of the model, with the outcomes so far, so it must be made of these alone.
 */
export type DemoScript = Generator<DemoStep, string, Outcome>;

/** What a script may know of the conversation before its prompt. */
export interface DemoHistory {
  /** The server that an earlier turn started last. */
  serverCommandId: string | undefined;
}

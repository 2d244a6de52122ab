import type { UIMessage, UIMessageChunk } from "ai";
import * as z from "zod";
import { Id, Timestamp } from "./ids.ts";
import { RuntimeProblem } from "./runtime-error.ts";
import type { StudioTools } from "./tools.ts";

/** What is known about a message besides its parts. */
const MessageMetadata = z.object({
  createdAt: Timestamp.optional(),
  turnId: Id.optional(),
  /** Of an answer. */
  modelId: z.string().optional(),
  modelName: z.string().optional(),
  finishedAt: Timestamp.optional(),
  inputTokens: z.int().optional(),
  outputTokens: z.int().optional(),
  /** Of a message that the studio sent by itself. */
  cause: z.enum(["user", "auto-fix"]).optional(),
});
type MessageMetadata = z.output<typeof MessageMetadata>;

/** When a tool ran. Its id in the message is `timing-` and the tool call's id. */
const ToolTiming = z.object({
  toolCallId: z.string(),
  startedAt: Timestamp,
  endedAt: Timestamp.optional(),
  /** The ids of its tasks' runs, where tools run as tasks. */
  runIds: z.array(z.string()).optional(),
});

/** Steps begun, out of those that a turn may take. Its id in the message is `budget`. */
const StepBudget = z.object({ step: z.int(), maxSteps: z.int() });

/** A sentence of the studio's own in the middle of an answer, with a next step. */
export const Notice = z.object({
  level: z.enum(["info", "warning", "error"]),
  code: z.enum([
    /** Code was shown, but no tool was called: nothing was built. */
    "no-tool-call",
    "step-limit",
    "stopped",
    /** The studio ended in the middle of the turn. */
    "interrupted",
    "model-failed",
    "output-limit",
  ]),
  text: z.string(),
  /** What the person can do. */
  nextStep: z.string().optional(),
});
export type Notice = z.output<typeof Notice>;

/** The checkpoint that a turn left, if it changed files. */
const CheckpointMark = z.object({ checkpointId: Id, changedFiles: z.int() });

/** Errors that the studio sends to the model as the user's message. */
export const ProblemList = z.object({ problems: z.array(RuntimeProblem) });

/** Data parts under their names: a part's type is `data-` and the name. */
const DATA_PARTS = {
  timing: ToolTiming,
  budget: StepBudget,
  notice: Notice,
  checkpoint: CheckpointMark,
  problems: ProblemList,
} as const;

type StudioDataParts = {
  [Name in keyof typeof DATA_PARTS]: z.output<(typeof DATA_PARTS)[Name]>;
};

/** A message of the studio's chat. */
export type StudioMessage = UIMessage<MessageMetadata, StudioDataParts, StudioTools>;
/** A piece of a turn's stream. */
export type StudioChunk = UIMessageChunk<MessageMetadata, StudioDataParts>;

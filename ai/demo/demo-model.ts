import { setTimeout as pause } from "node:timers/promises";
import type {
  LanguageModelV4,
  LanguageModelV4CallOptions,
  LanguageModelV4Content,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from "@ai-sdk/provider";
import { convertAsyncIteratorToReadableStream } from "@ai-sdk/provider-utils";
import { chooseScript } from "./choose-script.ts";
import type { DemoScript, DemoStep, Outcome } from "./demo-script.ts";
import { readConversation } from "./read-conversation.ts";

export const DEMO_MODEL_ID = "script";

/** Between two pieces of text: quick, and slow enough that one can read along and press Stop. */
const PACE_MS = 6;
const TEXT_PIECE = /\S+\s*/g;
/** Files are long, so they come in larger pieces. */
const INPUT_PIECE_LENGTH = 600;
/** A script reads and writes no tokens. */
const USAGE: LanguageModelV4Usage = {
  inputTokens: { total: 0, noCache: 0, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 0, text: 0, reasoning: 0 },
};

/**
 * A model that is none: it builds three apps from a script, through the agent's own tools, and says so. Its
 * answer follows from the conversation alone, so a turn can be stopped, resumed and repeated.
 */
export function demoModel({ paceMs = PACE_MS }: { paceMs?: number } = {}): LanguageModelV4 {
  return {
    specificationVersion: "v4",
    provider: "demo",
    modelId: DEMO_MODEL_ID,
    supportedUrls: {},
    async doGenerate(options) {
      const step = nextStep(options);
      return { content: contentOf(step), usage: USAGE, ...finishOf(step), warnings: [] };
    },
    async doStream(options) {
      const parts = streamParts(nextStep(options), { paceMs, signal: options.abortSignal });
      return { stream: convertAsyncIteratorToReadableStream(parts) };
    },
  };
}

/** What is said in one step, and the call that follows. */
interface Step {
  text: string | undefined;
  call: { toolCallId: string; toolName: string; input: string } | undefined;
}

function nextStep({ prompt }: LanguageModelV4CallOptions): Step {
  const { prompts, outcomes, history } = readConversation(prompt);
  const next = replay(chooseScript(prompts, history), outcomes);
  if (next.done) return { text: next.value, call: undefined };
  const { say, tool, input } = next.value;
  const toolCallId = `demo-${prompts.length}-${outcomes.length}`;
  return { text: say, call: { toolCallId, toolName: tool, input: JSON.stringify(input) } };
}

/** The script's next step after the outcomes. */
function replay(
  script: DemoScript,
  outcomes: readonly Outcome[],
): IteratorResult<DemoStep, string> {
  let next = script.next();
  for (const outcome of outcomes) {
    if (next.done) break;
    next = script.next(outcome);
  }
  return next;
}

function contentOf({ text, call }: Step): LanguageModelV4Content[] {
  return [
    ...(text === undefined ? [] : [{ type: "text" as const, text }]),
    ...(call ? [{ type: "tool-call" as const, ...call }] : []),
  ];
}

function finishOf({ call }: Step) {
  const unified = call ? ("tool-calls" as const) : ("stop" as const);
  return { finishReason: { unified, raw: unified } };
}

async function* streamParts(
  step: Step,
  { paceMs, signal }: { paceMs: number; signal: AbortSignal | undefined },
): AsyncGenerator<LanguageModelV4StreamPart, void, void> {
  // An abort rejects the pause, which ends the stream with the signal's own reason.
  const breathe = (): Promise<void> | void =>
    paceMs > 0 ? pause(paceMs, undefined, signal && { signal }) : signal?.throwIfAborted();
  yield { type: "stream-start", warnings: [] };
  if (step.text !== undefined) {
    const id = "text";
    yield { type: "text-start", id };
    for (const [delta] of step.text.matchAll(TEXT_PIECE)) {
      await breathe();
      yield { type: "text-delta", id, delta };
    }
    yield { type: "text-end", id };
  }
  if (step.call) {
    const { toolCallId: id, toolName, input } = step.call;
    yield { type: "tool-input-start", id, toolName };
    for (let start = 0; start < input.length; start += INPUT_PIECE_LENGTH) {
      await breathe();
      yield { type: "tool-input-delta", id, delta: input.slice(start, start + INPUT_PIECE_LENGTH) };
    }
    yield { type: "tool-input-end", id };
    yield { type: "tool-call", ...step.call };
  }
  yield { type: "finish", usage: USAGE, ...finishOf(step) };
}

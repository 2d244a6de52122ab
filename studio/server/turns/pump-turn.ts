import type { AgentWorkspace } from "../../contract/agent.ts";
import type { StudioChunk } from "../../contract/message.ts";
import { noticeChunk, showsCode, TurnAnnotator } from "./annotate-turn.ts";
import { describeModelFailure } from "./describe-model-failure.ts";
import type { StartedAgent } from "./agent-run.ts";
import type { TurnLog } from "./turn-log.ts";

/** How a turn came to its end. */
export type TurnOutcome = "finished" | "stopped" | "failed" | "awaiting-approval";

export interface PumpOptions {
  log: TurnLog;
  turnId: string;
  messageId: string;
  maxSteps: number;
  isContinuation: boolean;
  /** Calls that were approved, and run first. */
  open: readonly string[];
  signal: AbortSignal;
  /** `runStarted` is to be told of each task that runs for a call. */
  start: (told: Pick<AgentWorkspace, "runStarted">) => Promise<StartedAgent>;
  onStep: (step: number) => void;
  /** What the studio adds to the answer at its end. */
  beforeEnd: () => Promise<StudioChunk[]>;
}

// An agent that was told to stop ends its model and its command; one that does not is left behind.
const STOP_PATIENCE_MS = 10_000;

/**
 * Runs the agent and writes all that it says to the log, with the studio's own remarks. Whatever happens, the
 * answer has an end that can be shown and sent to a model again: no call is left without a result. Never
 * rejects. The log stays open.
 */
export async function pumpTurn(options: PumpOptions): Promise<TurnOutcome> {
  const { log, turnId, messageId, maxSteps, signal, onStep, beforeEnd } = options;
  const annotator = new TurnAnnotator({ maxSteps, open: options.open });
  let failure: string | undefined;
  let finish: Extract<StudioChunk, { type: "finish" }> = { type: "finish" };
  let started = false;

  const begin = (model?: StartedAgent["model"]): void => {
    if (started) return;
    started = true;
    const metadata = {
      // A message that goes on was begun before.
      ...(options.isContinuation ? {} : { createdAt: Date.now() }),
      turnId,
      ...(model && { modelId: model.id, modelName: model.name }),
    };
    log.append({ type: "start", messageId, messageMetadata: metadata });
  };

  try {
    signal.throwIfAborted();
    const { model, chunks } = await options.start({
      runStarted(run) {
        for (const own of annotator.runStarted(run)) log.append(own);
      },
    });
    begin(model);
    for await (const chunk of untilStopped(chunks, signal)) {
      if (chunk.type === "start" || chunk.type === "abort") continue;
      if (chunk.type === "error") {
        failure ??= chunk.errorText;
      } else if (chunk.type === "finish") {
        finish = chunk;
      } else {
        log.append(chunk);
        for (const own of annotator.after(chunk)) log.append(own);
        if (chunk.type === "start-step") onStep(annotator.facts.steps);
      }
    }
  } catch (error) {
    if (!signal.aborted) failure ??= describeModelFailure(error);
  }
  begin();

  const outcome = outcomeOf(annotator, { failure, isStopped: signal.aborted });
  if (outcome !== "awaiting-approval") {
    for (const toolCallId of annotator.facts.openCalls) {
      const errorText = signal.aborted ? "Stopped by the user." : "It did not come to an end.";
      const ended: StudioChunk = { type: "tool-output-error", toolCallId, errorText };
      log.append(ended);
      for (const own of annotator.after(ended)) log.append(own);
    }
    for (const chunk of remarks(annotator, { failure, finish, signal, maxSteps }))
      log.append(chunk);
    try {
      for (const chunk of await beforeEnd()) log.append(chunk);
    } catch (error) {
      // The answer stands without it.
      console.error("What belongs to a turn's end failed:", error);
    }
  }
  log.append({
    ...finish,
    messageMetadata: { ...finish.messageMetadata, finishedAt: Date.now() },
  });
  return outcome;
}

function outcomeOf(
  { facts }: TurnAnnotator,
  { failure, isStopped }: { failure: string | undefined; isStopped: boolean },
): TurnOutcome {
  if (isStopped) return "stopped";
  if (failure !== undefined) return "failed";
  return facts.waitingCalls.size > 0 ? "awaiting-approval" : "finished";
}

function remarks(
  { facts }: TurnAnnotator,
  turn: {
    failure: string | undefined;
    finish: { finishReason?: string };
    signal: AbortSignal;
    maxSteps: number;
  },
): StudioChunk[] {
  const { failure, finish, signal, maxSteps } = turn;
  if (signal.aborted) {
    return [
      noticeChunk({
        level: "info",
        code: "stopped",
        text: "You stopped the agent. What it had done until then is there.",
        nextStep: "Send a message to go on, or restore an earlier checkpoint.",
      }),
    ];
  }
  if (failure !== undefined) {
    return [
      noticeChunk({
        level: "error",
        code: "model-failed",
        text: failure,
        nextStep: "Send the message again, or choose another model.",
      }),
    ];
  }
  if (facts.steps >= maxSteps && finish.finishReason === "tool-calls") {
    return [
      noticeChunk({
        level: "warning",
        code: "step-limit",
        text: `The agent used all ${maxSteps} steps of this turn and was not done.`,
        nextStep: "Say “go on” to give it as many again.",
      }),
    ];
  }
  if (finish.finishReason === "length") {
    return [
      noticeChunk({
        level: "warning",
        code: "output-limit",
        text: "The model's answer was cut off at its own limit.",
        nextStep: "Say “go on”, or ask for smaller steps.",
      }),
    ];
  }
  if (!facts.toolWasCalled && showsCode(facts.text)) {
    return [
      noticeChunk({
        level: "warning",
        code: "no-tool-call",
        text: "The model wrote code into the chat, but called no tool: nothing was built or changed.",
        nextStep: "Ask it to write the files, or choose a model that can call tools.",
      }),
    ];
  }
  return [];
}

/** The chunks; after a stop, those that the agent still has to say, for a while. */
async function* untilStopped(
  chunks: AsyncIterable<StudioChunk>,
  signal: AbortSignal,
): AsyncGenerator<StudioChunk, void, void> {
  const iterator = chunks[Symbol.asyncIterator]();
  const tooLate = Promise.withResolvers<undefined>();
  let timer: NodeJS.Timeout | undefined;
  const stopSoon = (): void => {
    timer = setTimeout(() => tooLate.resolve(undefined), STOP_PATIENCE_MS);
  };
  if (signal.aborted) stopSoon();
  else signal.addEventListener("abort", stopSoon, { once: true });
  try {
    while (true) {
      const next = await Promise.race([iterator.next(), tooLate.promise]);
      if (!next || next.done) return;
      yield next.value;
    }
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", stopSoon);
  }
}

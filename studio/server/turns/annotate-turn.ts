import type { ToolRun } from "../../contract/agent.ts";
import type { Notice, StudioChunk } from "../../contract/message.ts";

/** What is known about a turn that runs, from the chunks that have passed. */
export interface TurnFacts {
  /** Model steps begun. */
  steps: number;
  /** Calls whose result is not there yet, by their ids. */
  openCalls: ReadonlySet<string>;
  /** Calls that wait for the user. */
  waitingCalls: ReadonlySet<string>;
  toolWasCalled: boolean;
  text: string;
}

/**
 * Follows a turn's chunks and says which of the studio's own go with each: when a tool began and ended, and
 * how many steps are used up.
 */
export class TurnAnnotator {
  readonly #maxSteps: number;
  readonly #begun = new Map<string, number>();
  readonly #open = new Set<string>();
  readonly #waiting = new Set<string>();
  readonly #startedAt: number;
  readonly #runs = new Map<string, string[]>();
  #steps = 0;
  #toolWasCalled = false;
  #text = "";

  /** `open` are calls of before that are to run now. */
  constructor({ maxSteps, open = [] }: { maxSteps: number; open?: readonly string[] }) {
    this.#maxSteps = maxSteps;
    this.#startedAt = Date.now();
    for (const toolCallId of open) this.#open.add(toolCallId);
  }

  get facts(): TurnFacts {
    return {
      steps: this.#steps,
      openCalls: this.#open,
      waitingCalls: this.#waiting,
      toolWasCalled: this.#toolWasCalled,
      text: this.#text,
    };
  }

  /** What comes after the chunk. */
  after(chunk: StudioChunk): StudioChunk[] {
    const { type } = chunk;
    if (type === "start-step") {
      this.#steps += 1;
      const data = { step: this.#steps, maxSteps: this.#maxSteps };
      return [{ type: "data-budget", id: "budget", data }];
    }
    if (type === "text-delta") {
      this.#text += chunk.delta;
    } else if (type === "tool-input-start") {
      this.#toolWasCalled = true;
      this.#open.add(chunk.toolCallId);
    } else if (type === "tool-input-available") {
      this.#toolWasCalled = true;
      this.#open.add(chunk.toolCallId);
      const startedAt = Date.now();
      this.#begun.set(chunk.toolCallId, startedAt);
      return [this.#timing(chunk.toolCallId, { startedAt })];
    } else if (type === "tool-approval-request" && !chunk.isAutomatic) {
      // The time that a person takes is not the tool's.
      this.#begun.delete(chunk.toolCallId);
      this.#waiting.add(chunk.toolCallId);
    } else if (endsCall(chunk)) {
      return this.#ended(chunk.toolCallId);
    }
    return [];
  }

  /** What comes when a task began to run for a call. */
  runStarted({ toolCallId, runId }: ToolRun): StudioChunk[] {
    this.#runs.set(toolCallId, [...(this.#runs.get(toolCallId) ?? []), runId]);
    const startedAt = this.#begun.get(toolCallId) ?? this.#startedAt;
    return [this.#timing(toolCallId, { startedAt })];
  }

  #timing(toolCallId: string, times: { startedAt: number; endedAt?: number }): StudioChunk {
    const runIds = this.#runs.get(toolCallId);
    const data = { toolCallId, ...times, ...(runIds && { runIds }) };
    return { type: "data-timing", id: `timing-${toolCallId}`, data };
  }

  #ended(toolCallId: string): StudioChunk[] {
    this.#open.delete(toolCallId);
    this.#waiting.delete(toolCallId);
    this.#toolWasCalled = true;
    // One that was approved runs as the first of its turn.
    const startedAt = this.#begun.get(toolCallId) ?? this.#startedAt;
    return [this.#timing(toolCallId, { startedAt, endedAt: Date.now() })];
  }
}

function endsCall(chunk: StudioChunk): chunk is StudioChunk & { toolCallId: string } {
  if (chunk.type === "tool-output-available") return !chunk.preliminary;
  return ["tool-input-error", "tool-output-error", "tool-output-denied"].includes(chunk.type);
}

/** Whether an answer shows code as if it were a result. */
export function showsCode(text: string): boolean {
  return /^\s*```/m.test(text);
}

export function noticeChunk(notice: Notice): StudioChunk {
  return { type: "data-notice", id: `notice-${notice.code}`, data: notice };
}

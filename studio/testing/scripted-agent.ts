import type { StudioChunk } from "../contract/message.ts";
import type { AgentRun, StartAgent } from "../server/turns/agent-run.ts";

/** What an agent says in a test: it may look at the run, use its workspace, and wait for its signal. */
export type Script = (run: AgentRun) => AsyncIterable<StudioChunk>;

/** An agent that says what its script does; each run takes the next script. `runs` are those that have begun. */
export function scriptedAgent(...scripts: Script[]): StartAgent & { runs: AgentRun[] } {
  const runs: AgentRun[] = [];
  const start: StartAgent = async (run) => {
    const script = scripts[runs.length];
    runs.push(run);
    if (!script) throw new Error(`No script is left for run ${runs.length}.`);
    return { model: { id: "test/script", name: "Script" }, chunks: script(run) };
  };
  return Object.assign(start, { runs });
}

/** One step that says a text. */
export function* saying(text: string): Generator<StudioChunk> {
  yield { type: "start-step" };
  yield { type: "text-start", id: "t" };
  for (const word of text.split(/(?<= )/)) yield { type: "text-delta", id: "t", delta: word };
  yield { type: "text-end", id: "t" };
  yield { type: "finish-step" };
}

/** A tool call with its input; its output is the script's to tell. */
export function* calling(
  toolCallId: string,
  toolName: string,
  input: unknown,
): Generator<StudioChunk> {
  yield { type: "tool-input-start", toolCallId, toolName };
  yield { type: "tool-input-available", toolCallId, toolName, input };
}

/** A script that says a text and ends. */
export const says = (text: string): Script =>
  async function* () {
    yield { type: "start" };
    yield* saying(text);
    yield { type: "finish", finishReason: "stop" };
  };

/** Resolves when the run is to stop. */
export function stopped({ signal }: AgentRun): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}

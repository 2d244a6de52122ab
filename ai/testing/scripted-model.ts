import type { LanguageModelV4Prompt } from "@ai-sdk/provider";
import { convertArrayToReadableStream, MockLanguageModelV4 } from "ai/test";

/** What the model says and calls in one step. */
export interface ScriptedStep {
  text?: string;
  calls?: { tool: string; input: unknown }[];
}

/** What the prompt of a step tells of the results of the calls before. */
export type SeenResult = { tool: string; text: string };

/** A model that takes one step after the other, whatever it is told; a function is asked for its step. */
export function scriptedModel(
  steps: readonly (ScriptedStep | ((seen: SeenResult[]) => ScriptedStep))[],
): { model: MockLanguageModelV4; seen: () => SeenResult[] } {
  let count = 0;
  const model = new MockLanguageModelV4({
    doStream: async ({ prompt }) => {
      const next = steps[count] ?? { text: "Done." };
      const step = typeof next === "function" ? next(resultsIn(prompt)) : next;
      count += 1;
      const calls = (step.calls ?? []).map(({ tool, input }, index) => ({
        type: "tool-call" as const,
        toolCallId: `call-${count}-${index}`,
        toolName: tool,
        input: JSON.stringify(input),
      }));
      const unified = calls.length > 0 ? ("tool-calls" as const) : ("stop" as const);
      return {
        stream: convertArrayToReadableStream([
          { type: "stream-start" as const, warnings: [] },
          ...(step.text === undefined
            ? []
            : [
                { type: "text-start" as const, id: "t" },
                { type: "text-delta" as const, id: "t", delta: step.text },
                { type: "text-end" as const, id: "t" },
              ]),
          ...calls,
          {
            type: "finish" as const,
            finishReason: { unified, raw: unified },
            usage: {
              inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
              outputTokens: { total: 1, text: 1, reasoning: 0 },
            },
          },
        ]),
      };
    },
  });
  return { model, seen: () => resultsIn(model.doStreamCalls.at(-1)?.prompt ?? []) };
}

/** The command that one of the results so far is about. */
export function idOf(seen: readonly SeenResult[], index: number): string {
  return (JSON.parse(seen[index]?.text ?? "{}") as { commandId: string }).commandId;
}

function resultsIn(prompt: LanguageModelV4Prompt): SeenResult[] {
  return prompt.flatMap((message) =>
    message.role === "tool"
      ? message.content.flatMap((part) =>
          part.type === "tool-result" ? [{ tool: part.toolName, text: textOf(part.output) }] : [],
        )
      : [],
  );
}

function textOf(output: { type: string; value?: unknown }): string {
  return typeof output.value === "string" ? output.value : JSON.stringify(output.value ?? output);
}

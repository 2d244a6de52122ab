import * as z from "zod";
import { fakeServer } from "../../../ai/testing/fake-server.ts";
import type { ToolName } from "../../contract/tools.ts";

/** What the model says and calls in one step. */
export interface ModelStep {
  text?: string;
  call?: { tool: ToolName; input: unknown };
}

/** Decides on a model's next step: `prompt` is what the user, or the studio, said last, `results` counts the tools since. */
export type ModelScript = (prompt: string, results: number) => ModelStep;

const ChatRequest = z.object({
  messages: z.array(z.object({ role: z.string(), content: z.unknown() })),
});

const MODEL = "scripted";

/** A server of this machine whose only model does what a script says, for the studio to find in its environment. */
export async function modelServer(
  script: ModelScript,
): Promise<AsyncDisposable & { environment: Record<string, string> }> {
  const server = await fakeServer({
    "GET /v1/models": () => ({ data: [{ id: MODEL, name: "Scripted" }] }),
    "POST /v1/chat/completions": (body) => {
      const { messages } = ChatRequest.parse(body);
      const last = messages.findLastIndex(({ role }) => role === "user");
      const results = messages.slice(last + 1).filter(({ role }) => role === "tool").length;
      const prompt = textOf(messages[last]?.content);
      return new Response(streamOf(script(prompt, results), `call-${messages.length}`), {
        headers: { "content-type": "text/event-stream" },
      });
    },
  });
  return {
    environment: { OPENAI_BASE_URL: `${server.url}/v1`, SANDLOT_MODEL: `openai/${MODEL}` },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A message's content as the protocol has it: a text, or a list of parts. */
const Content = z.union([
  z.string(),
  z
    .array(z.object({ text: z.string().default("") }))
    .transform((parts) => parts.map(({ text }) => text).join("\n")),
]);

function textOf(content: unknown): string {
  return Content.parse(content);
}

// As OpenAI's chat completions stream.
function streamOf({ text, call }: ModelStep, callId: string): string {
  const called = call && {
    index: 0,
    id: callId,
    type: "function",
    function: { name: call.tool, arguments: JSON.stringify(call.input) },
  };
  const delta = {
    role: "assistant",
    ...(text !== undefined && { content: text }),
    ...(called && { tool_calls: [called] }),
  };
  const choices = [
    { index: 0, delta, finish_reason: null },
    { index: 0, delta: {}, finish_reason: call ? "tool_calls" : "stop" },
  ];
  const head = { id: callId, object: "chat.completion.chunk", created: 0, model: MODEL };
  const lines = choices.map((choice) => JSON.stringify({ ...head, choices: [choice] }));
  return [...lines, "[DONE]"].map((line) => `data: ${line}\n\n`).join("");
}

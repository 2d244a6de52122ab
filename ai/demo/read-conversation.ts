import type { LanguageModelV4Prompt, LanguageModelV4ToolResultPart } from "@ai-sdk/provider";
import * as z from "zod";
import type { DemoHistory, Outcome } from "./demo-script.ts";

/** What the demo model takes from a conversation. */
export interface Conversation {
  /** The user's messages, the last one at the end. */
  prompts: string[];
  /** How the calls since the last message ended, in their order. */
  outcomes: Outcome[];
  history: DemoHistory;
}

const StartedServer = z.object({ commandId: z.string(), state: z.literal("running") });

/** Reads a prompt as the AI SDK hands it to a model. */
export function readConversation(prompt: LanguageModelV4Prompt): Conversation {
  const lastUser = prompt.findLastIndex(({ role }) => role === "user");
  const prompts = prompt.flatMap((message) => (message.role === "user" ? [textOf(message)] : []));
  const servers = resultsOf(prompt.slice(0, Math.max(lastUser, 0)))
    .filter(({ toolName }) => toolName === "runCommand")
    .flatMap(({ output }) => {
      const parsed = StartedServer.safeParse(output.type === "json" ? output.value : undefined);
      return parsed.success ? [parsed.data.commandId] : [];
    });
  return {
    prompts,
    outcomes: resultsOf(prompt.slice(lastUser + 1)).map(({ output }) => outcomeOf(output)),
    history: { serverCommandId: servers.at(-1) },
  };
}

type Message = LanguageModelV4Prompt[number];

function textOf(message: Extract<Message, { role: "user" }>): string {
  return message.content.map((part) => (part.type === "text" ? part.text : "")).join("\n");
}

function resultsOf(messages: LanguageModelV4Prompt): LanguageModelV4ToolResultPart[] {
  return messages.flatMap((message) =>
    message.role === "tool" ? message.content.filter((part) => part.type === "tool-result") : [],
  );
}

function outcomeOf(output: LanguageModelV4ToolResultPart["output"]): Outcome {
  switch (output.type) {
    case "json":
      return { state: "done", output: output.value };
    case "execution-denied":
      return { state: "denied", message: output.reason ?? "It was not allowed." };
    case "error-text":
      return { state: "failed", message: output.value.replace(/^\w*Error: /, "") };
    case "error-json":
      return { state: "failed", message: JSON.stringify(output.value) };
    case "text":
    case "content":
      return { state: "done", output: output.value };
  }
}

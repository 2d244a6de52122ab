import type { StudioMessage } from "@/studio/contract/message.ts";
import { SAMPLE_PROMPTS } from "@/studio/contract/sample-prompts.ts";
import { isToolPart } from "./tool-part.ts";

/** What the demo model can still change in what it built; nothing, while it waits for an answer. */
export function followUpOf(messages: readonly StudioMessage[]): string | undefined {
  const said = new Set(
    messages.flatMap(({ role, parts }) =>
      role === "user" ? parts.map((part) => (part.type === "text" ? part.text : "")) : [],
    ),
  );
  const waits = messages
    .at(-1)
    ?.parts.some((part) => isToolPart(part) && part.state === "approval-requested");
  if (waits) return undefined;
  const sample = SAMPLE_PROMPTS.find(({ prompt }) => said.has(prompt));
  return sample && !said.has(sample.followUp) ? sample.followUp : undefined;
}

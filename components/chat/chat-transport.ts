import { DefaultChatTransport, isToolUIPart } from "ai";
import type { ApprovalAnswer, ChatRequestInput } from "@/studio/contract/chat.ts";
import type { StudioMessage } from "@/studio/contract/message.ts";
import { toError } from "../lib/request.ts";

/** What a request to the chat's route says: only the last message, for the server knows the others. */
export function toChatRequest(
  projectId: string,
  messages: readonly StudioMessage[],
  modelId: string | undefined,
): ChatRequestInput {
  const last = messages.at(-1);
  const model = modelId === undefined ? {} : { modelId };
  if (last?.role === "user") {
    const parts = last.parts.flatMap((part) =>
      part.type === "text" ? [{ type: "text" as const, text: part.text }] : [],
    );
    return { projectId, message: { id: last.id, role: "user", parts }, ...model };
  }
  return { projectId, approvals: answersOf(last), ...model };
}

/** The transport of one project's chat. */
export function createChatTransport(
  projectId: string,
  modelId: () => string | undefined,
): DefaultChatTransport<StudioMessage> {
  return new DefaultChatTransport<StudioMessage>({
    api: "/api/chat",
    // The studio's errors are JSON with a sentence in it: that sentence is what is shown.
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (!response.ok) throw await toError(response);
      return response;
    },
    prepareSendMessagesRequest: ({ messages }) => ({
      body: toChatRequest(projectId, messages, modelId()),
    }),
    prepareReconnectToStreamRequest: () => ({
      api: `/api/chat/${encodeURIComponent(projectId)}/stream`,
    }),
  });
}

function answersOf(message: StudioMessage | undefined): ApprovalAnswer[] {
  return (message?.parts ?? []).flatMap((part) => {
    if (!isToolUIPart(part) || part.state !== "approval-responded") return [];
    const { id, approved, reason } = part.approval;
    return [{ approvalId: id, approved, ...(reason === undefined ? {} : { reason }) }];
  });
}

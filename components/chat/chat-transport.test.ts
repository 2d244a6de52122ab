import { expect, test } from "vitest";
import { ChatRequest } from "@/studio/contract/chat.ts";
import type { StudioMessage } from "@/studio/contract/message.ts";
import { toChatRequest } from "./chat-transport.ts";

const said: StudioMessage = {
  id: "m1",
  role: "user",
  parts: [{ type: "text", text: "Build a bakery." }],
};

const asking: StudioMessage = {
  id: "m2",
  role: "assistant",
  parts: [
    { type: "text", text: "I need to install." },
    {
      type: "tool-runCommand",
      toolCallId: "t1",
      state: "approval-responded",
      input: { command: "npm install" },
      approval: { id: "a1", approved: true },
    },
    {
      type: "tool-runCommand",
      toolCallId: "t2",
      state: "approval-responded",
      input: { command: "rm -rf dist" },
      approval: { id: "a2", approved: false, reason: "Not now." },
    },
  ],
};

test("only the user's last message is sent, with the model that was chosen", () => {
  const request = toChatRequest("p1", [asking, said], "ollama/qwen");
  expect(ChatRequest.parse(request)).toEqual({
    projectId: "p1",
    message: { id: "m1", role: "user", parts: [{ type: "text", text: "Build a bakery." }] },
    modelId: "ollama/qwen",
  });
});

test("after the user's answers, only the answers are sent", () => {
  const request = toChatRequest("p1", [said, asking], undefined);
  expect(ChatRequest.parse(request)).toEqual({
    projectId: "p1",
    approvals: [
      { approvalId: "a1", approved: true },
      { approvalId: "a2", approved: false, reason: "Not now." },
    ],
  });
});

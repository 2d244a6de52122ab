import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useChat } from "@ai-sdk/react";
import type { StudioMessage } from "@/studio/contract/message.ts";
import type { ProjectDetail } from "@/studio/contract/project.ts";
import { api } from "../lib/api.ts";
import { notifyFailure } from "../lib/toasts.ts";
import { takeFirstPrompt } from "../lib/first-prompt.ts";
import type { ProjectStore } from "../project/project-store.ts";
import { Conversation } from "./conversation.ts";

/** One project's conversation as a page shows it, and what can be done in it. */
export interface StudioChat {
  messages: StudioMessage[];
  /** Whether an answer is on its way to this page. */
  streaming: boolean;
  /** Why the last message or answer did not get through. */
  error: Error | undefined;
  send: (text: string) => void;
  /** Ends the model and its command on the server. */
  stop: () => void;
  stopping: boolean;
  answer: (approvalId: string, approved: boolean) => void;
  /** Forgets the error and shows what the server knows. Gives the text of a message that had not got there. */
  recover: () => Promise<string | undefined>;
}

// A model can send a hundred pieces a second; nobody reads faster than this.
const THROTTLE_MS = 50;

/** Holds the conversation of a project's page for as long as the page is open. */
export function useStudioChat(store: ProjectStore, detail: ProjectDetail): StudioChat {
  const projectId = detail.project.id;
  const [conversation] = useState(() => new Conversation(store, detail));
  const { chat } = conversation;
  const { messages, status, error } = useChat<StudioMessage>({ chat, throttle: THROTTLE_MS });
  const [stopping, setStopping] = useState(false);

  useEffect(() => conversation.follow(), [conversation]);

  // Whatever goes wrong in these is the chat's error: their promises never reject.
  const send = useCallback((text: string) => void chat.sendMessage({ text }), [chat]);
  const answer = useCallback(
    (id: string, approved: boolean) => void conversation.answer(id, approved),
    [conversation],
  );

  useEffect(() => {
    const first = takeFirstPrompt(projectId);
    if (first !== undefined) send(first);
  }, [projectId, send]);

  // Stops reading when the page is left; the turn itself goes on. React runs effects twice while developing: the
  // second run takes back what the first one's end had asked for.
  const leaving = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => {
    clearTimeout(leaving.current);
    return () => {
      leaving.current = setTimeout(() => void chat.stop());
    };
  }, [chat]);

  const stop = useCallback(() => {
    setStopping(true);
    api
      .stopTurn(projectId)
      .catch((failure: unknown) => notifyFailure("The turn could not be stopped", failure))
      .finally(() => setStopping(false));
  }, [projectId]);

  const streaming = status === "submitted" || status === "streaming";
  return useMemo(
    () => ({
      messages,
      streaming,
      error,
      send,
      stop,
      stopping,
      answer,
      recover: () => conversation.recover(),
    }),
    [messages, streaming, error, send, stop, stopping, answer, conversation],
  );
}

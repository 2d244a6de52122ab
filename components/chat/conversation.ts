import { Chat } from "@ai-sdk/react";
import { lastAssistantMessageIsCompleteWithApprovalResponses } from "ai";
import type { StudioMessage } from "@/studio/contract/message.ts";
import type { ProjectDetail } from "@/studio/contract/project.ts";
import { api } from "../lib/api.ts";
import { notifyFailure } from "../lib/toasts.ts";
import type { ProjectStore } from "../project/project-store.ts";
import { createChatTransport } from "./chat-transport.ts";

/** What was said in one project, kept in step with the server. */
export class Conversation {
  readonly chat: Chat<StudioMessage>;
  readonly #projectId: string;
  readonly #store: ProjectStore;
  // The turn whose answer this page has read to its end: the news of it may come late.
  #finished: string | undefined;
  // Messages changed elsewhere while an answer was on its way.
  #stale = false;
  #followed = false;
  // A request for the messages, or for a turn's stream, is on its way.
  #reading = false;
  #joining = false;

  constructor(store: ProjectStore, { project, messages }: ProjectDetail) {
    this.#store = store;
    this.#projectId = project.id;
    this.chat = new Chat<StudioMessage>({
      id: project.id,
      messages,
      transport: createChatTransport(project.id, () => store.getState().project.modelId),
      onFinish: ({ message, isError, isAbort }) => {
        if (!isError && !isAbort) this.#finished = message.metadata?.turnId;
        if (this.#stale) void this.#reload();
      },
    });
  }

  get #busy(): boolean {
    const { status } = this.chat;
    return this.#joining || status === "submitted" || status === "streaming";
  }

  /**
   * Joins turns that another page, auto-fix or this page before a reload began, and reads the messages again when
   * they changed elsewhere. Lasts until the result is called.
   */
  follow(): () => void {
    this.#followed = true;
    const unsubscribe = this.#store.subscribe((state, before) => {
      if (state.messagesRevision !== before.messagesRevision) void this.#reload();
      if (state.project === before.project) return;
      const { turn } = state.project;
      // Its question may not be known here, either.
      if (turn.status === "running" && turn.turnId !== this.#finished && !this.#busy) {
        void this.#reload();
      } else if (
        turn.status !== "running" &&
        before.project.turn.status === "running" &&
        turn.turnId !== this.#finished
      ) {
        void this.#reload();
      }
    });
    this.#join();
    return () => {
      this.#followed = false;
      unsubscribe();
    };
  }

  /** Answers a tool that asked; when all have their answers, the turn goes on. */
  async answer(id: string, approved: boolean): Promise<void> {
    await this.chat.addToolApprovalResponse({ id, approved });
    const { messages } = this.chat;
    if (this.#busy || !lastAssistantMessageIsCompleteWithApprovalResponses({ messages })) return;
    await this.chat.sendMessage();
  }

  /** Forgets an error and shows what the server knows. Gives the text of a message that had not got there. */
  async recover(): Promise<string | undefined> {
    const last = this.chat.messages.at(-1);
    try {
      const { messages } = await api.readProject(this.#projectId);
      this.chat.messages = messages;
      this.chat.clearError();
      this.#join();
      if (last?.role !== "user" || messages.some(({ id }) => id === last.id)) return undefined;
      return last.parts.map((part) => (part.type === "text" ? part.text : "")).join("\n");
    } catch (error) {
      notifyFailure("The conversation could not be read", error);
      return undefined;
    }
  }

  async #reload(): Promise<void> {
    this.#stale = this.#busy || this.#reading;
    if (this.#stale) return;
    this.#reading = true;
    try {
      const { messages } = await api.readProject(this.#projectId);
      if (!this.#followed) return;
      if (this.#busy) {
        this.#stale = true;
        return;
      }
      // What the user wrote and the server never got stays, with its error: only the user can send it again.
      const last = this.chat.messages.at(-1);
      const unsent = last?.role === "user" && !messages.some(({ id }) => id === last.id);
      if (this.chat.status === "error" && unsent) return;
      this.chat.messages = messages;
      this.chat.clearError();
      this.#join();
    } catch (error) {
      // While the studio is away, its next snapshot asks again.
      if (this.#followed && this.#store.getState().connection === "open") {
        notifyFailure("The conversation could not be read", error);
      }
    } finally {
      this.#reading = false;
    }
    if (this.#stale) await this.#reload();
  }

  #join(): void {
    const { turn } = this.#store.getState().project;
    if (!this.#followed || this.#busy) return;
    if (turn.status !== "running" || turn.turnId === this.#finished) return;
    this.#joining = true;
    // What goes wrong is the chat's error: the promise never rejects.
    void this.chat.resumeStream().then(() => {
      this.#joining = false;
      if (this.#stale) void this.#reload();
    });
  }
}

import { useEffect, useRef } from "react";
import { api } from "../lib/api.ts";
import { cn } from "../lib/cn.ts";
import { notifyFailure } from "../lib/toasts.ts";
import { scrollWithin } from "../lib/scroll-within.ts";
import { draftKeyOf, useDraft } from "../lib/use-draft.ts";
import { useStickToBottom } from "../lib/use-stick-to-bottom.ts";
import { useProject, useProjectStore } from "../project/project-store.ts";
import { Button } from "../ui/button.tsx";
import { Failure } from "../ui/failure.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { ToEndButton } from "../ui/to-end-button.tsx";
import { ChatEmpty } from "./chat-empty.tsx";
import { Composer } from "./composer.tsx";
import { followUpOf } from "./follow-up.ts";
import { MessageView } from "./message-view.tsx";
import { ModelPicker, useChosenModel } from "./model-picker.tsx";
import { TurnLine } from "./turn-line.tsx";
import type { StudioChat } from "./use-studio-chat.ts";

/** The conversation with the agent. */
export function ChatPanel({ chat }: { chat: StudioChat }) {
  const store = useProjectStore();
  const project = useProject((state) => state.project);
  const model = useChosenModel(project.modelId);
  const [draft, setDraft] = useDraft(draftKeyOf(project.id));
  const text = useRef<HTMLTextAreaElement>(null);
  const { ref, atEnd, toEnd } = useStickToBottom();
  useJumps();

  const { messages, streaming, error, send, stop, stopping, answer, recover } = chat;
  const running = streaming || project.turn.status === "running";
  const last = messages.at(-1);
  const suggestion = running || model?.kind !== "demo" ? undefined : followUpOf(messages);

  function sendNow(message: string): void {
    setDraft("");
    toEnd();
    send(message);
  }

  function chooseModel(modelId: string): void {
    const before = store.getState().project;
    store.getState().setProject({ ...before, modelId });
    api.updateProject(project.id, { modelId }).catch((failure: unknown) => {
      store.getState().setProject(before);
      notifyFailure("The model could not be chosen", failure);
    });
  }

  return (
    <section aria-label="Chat" className="flex h-full min-h-0 flex-col bg-background">
      <div
        ref={ref}
        className={cn("min-h-0 flex-1 overflow-y-auto", atEnd && "[overflow-anchor:none]")}
      >
        <div
          role="log"
          aria-label="Conversation"
          aria-busy={running}
          className="mx-auto flex min-h-full max-w-3xl flex-col gap-5 px-4 py-5"
        >
          {messages.length === 0 && !running && <ChatEmpty onPick={sendNow} />}
          {messages.map((message) => (
            <div key={message.id} id={`message-${message.id}`}>
              <MessageView
                message={message}
                growing={running && message === last}
                onAnswer={answer}
              />
            </div>
          ))}
          {running && last?.role !== "assistant" && (
            <p className="flex items-center gap-2 text-muted-foreground">
              <Spinner className="text-primary" />
              Asking {model?.name ?? "the model"} …
            </p>
          )}
          {error && (
            <Failure
              title={
                last?.role === "assistant"
                  ? "The answer broke off"
                  : "The message did not get through"
              }
              error={sentenceOf(error)}
            >
              <Button
                onClick={() => {
                  void recover().then((unsent) => {
                    if (unsent !== undefined) setDraft(unsent);
                    text.current?.focus();
                  });
                }}
              >
                Try again
              </Button>
            </Failure>
          )}
        </div>
      </div>
      <div className="relative mx-auto w-full max-w-3xl px-3 pb-3">
        <ToEndButton atEnd={atEnd} onClick={toEnd} className="-top-10 left-1/2 -translate-x-1/2">
          Newest
        </ToEndButton>
        {suggestion && (
          <Button
            onClick={() => sendNow(suggestion)}
            className="mb-2 h-auto min-h-7 max-w-full justify-start rounded-full py-1 text-left whitespace-normal"
          >
            {suggestion}
          </Button>
        )}
        <Composer
          draft={draft}
          onDraftChange={setDraft}
          onSend={sendNow}
          disabled={running}
          onStop={running ? stop : undefined}
          stopping={stopping}
          placeholder={placeholderFor(project.turn.status, messages.length)}
          textRef={text}
        >
          <ModelPicker modelId={project.modelId} onChange={chooseModel} />
        </Composer>
        <TurnLine turn={project.turn} running={running} model={model} />
      </div>
    </section>
  );
}

// What a browser calls "network error" or "failed to fetch" is that the studio has gone.
function sentenceOf(error: Error): string {
  return error instanceof TypeError
    ? "The connection to the studio broke. As soon as it answers again, the page shows how far the agent got."
    : error.message;
}

// Brings a message into sight when another part of the page asks for it.
function useJumps(): void {
  const jump = useProject((state) => state.ui.jump);
  useEffect(() => {
    if (!jump) return;
    const message = document.getElementById(`message-${jump.messageId}`);
    if (message) scrollWithin(message, "start");
  }, [jump]);
}

function placeholderFor(status: string, count: number): string {
  if (status === "awaiting-approval") return "Answer above, or say what to do instead";
  return count === 0 ? "What shall we build?" : "Ask for a change";
}

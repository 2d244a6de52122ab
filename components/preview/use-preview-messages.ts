import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import { STUDIO_LIMITS } from "@/studio/contract/limits.ts";
import { PreviewMessage } from "@/studio/contract/preview.ts";
import type { RuntimeProblem } from "@/studio/contract/runtime-error.ts";
import { api } from "../lib/api.ts";
import { notifyFailure } from "../lib/toasts.ts";
import { useProjectStore } from "../project/project-store.ts";
import { focusNextArea } from "../project/walk-areas.ts";
import { addProblem, toProblem } from "./problems.ts";

export interface PreviewMessagesOptions {
  projectId: string;
  frame: RefObject<HTMLIFrameElement | null>;
  /** The app's origin: who else sends messages is not heard. */
  url: string | undefined;
  onPath: (path: string) => void;
}

// Errors come in bursts: one cause throws in many places. They are told together.
const GATHER_MS = 800;

/** Listens to the app's page: the errors in it, which are told to auto-fix, where in the app it is, and F6, which leads out of it. */
export function usePreviewMessages({ projectId, frame, url, onPath }: PreviewMessagesOptions): {
  problems: readonly RuntimeProblem[];
  clear: () => void;
} {
  const store = useProjectStore();
  const [problems, setProblems] = useState<readonly RuntimeProblem[]>([]);
  const waiting = useRef<readonly RuntimeProblem[]>([]);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const tell = useCallback(() => {
    const errors = [...waiting.current];
    waiting.current = [];
    timer.current = undefined;
    if (errors.length === 0) return;
    api.reportErrors({ projectId, errors }).then(
      (decision) => store.getState().apply({ type: "auto-fix", decision }),
      (error: unknown) => notifyFailure("Auto-fix could not be told of an error", error),
    );
  }, [projectId, store]);

  useEffect(() => {
    if (url === undefined) return undefined;
    const { origin } = new URL(url);
    function onMessage(event: MessageEvent<unknown>): void {
      if (event.origin !== origin || event.source !== frame.current?.contentWindow) return;
      const message = PreviewMessage.safeParse(event.data);
      if (!message.success) return;
      switch (message.data.kind) {
        case "location":
        case "ready":
          return onPath(message.data.path);
        case "leave":
          return focusNextArea(message.data.backwards);
        case "error":
          return note(toProblem(message.data));
      }
    }
    function note(problem: RuntimeProblem): void {
      setProblems((before) => addProblem(before, problem));
      waiting.current = addProblem(waiting.current, problem).slice(-STUDIO_LIMITS.errorsPerReport);
      timer.current ??= setTimeout(tell, GATHER_MS);
    }
    window.addEventListener("message", onMessage);
    return () => window.removeEventListener("message", onMessage);
  }, [url, frame, onPath, tell]);

  useEffect(() => () => clearTimeout(timer.current), []);

  const clear = useCallback(() => setProblems([]), []);
  return { problems, clear };
}

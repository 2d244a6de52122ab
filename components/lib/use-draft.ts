import { useCallback, useSyncExternalStore } from "react";

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener("storage", listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener("storage", listener);
  };
}

/** Where the message to a project's agent is kept until it is sent. */
export const draftKeyOf = (projectId: string) => `sandlot-draft-${projectId}`;

/** Text that is kept in this browser until it is sent, and outlives a reload. The same in all windows. */
export function useDraft(key: string): [draft: string, setDraft: (draft: string) => void] {
  const draft = useSyncExternalStore(
    subscribe,
    () => localStorage.getItem(key) ?? "",
    // The server, which renders the page first, does not know it.
    () => "",
  );
  const setDraft = useCallback(
    (next: string) => {
      if (next === "") localStorage.removeItem(key);
      else localStorage.setItem(key, next);
      for (const listener of listeners) listener();
    },
    [key],
  );
  return [draft, setDraft];
}

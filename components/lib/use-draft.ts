import { useCallback, useEffect, useState } from "react";

/** Text that is kept in this browser until it is sent, and outlives a reload. */
export function useDraft(key: string): [draft: string, setDraft: (draft: string) => void] {
  const [draft, setState] = useState("");
  // Read after the first paint: the server, which renders the page first, does not know it.
  useEffect(() => setState(localStorage.getItem(key) ?? ""), [key]);
  const setDraft = useCallback(
    (next: string) => {
      setState(next);
      if (next === "") localStorage.removeItem(key);
      else localStorage.setItem(key, next);
    },
    [key],
  );
  return [draft, setDraft];
}

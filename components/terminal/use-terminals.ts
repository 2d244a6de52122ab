import { useEffect, useRef, useState } from "react";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import type { TerminalInfo, TerminalList } from "@/studio/contract/terminal.ts";
import { api } from "../lib/api.ts";
import { notifyFailure } from "../lib/toasts.ts";

export interface Terminals {
  terminals: readonly TerminalInfo[];
  /** The one that is seen. */
  active: TerminalInfo | undefined;
  choose: (terminalId: string) => void;
  open: () => void;
  opening: boolean;
  close: (terminal: TerminalInfo) => void;
  /** Its shell has ended by itself. */
  noteEnd: (terminalId: string) => void;
  /** Whether the list is known. */
  listed: boolean;
  error: Error | null;
  refetch: () => void;
}

/** The terminals of a sandbox, and which one is seen. The first look at them opens one, where there is none. */
export function useTerminals(sandboxId: string, visible: boolean): Terminals {
  const queries = useQueryClient();
  const key = ["terminals", sandboxId];
  const list = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => api.listTerminals(sandboxId, { signal }),
    enabled: visible,
    // Terminals end with the sandbox: what there was before it stopped is of no use.
    gcTime: 0,
  });
  const terminals = list.data?.terminals ?? [];
  const [chosen, setChosen] = useState<string>();
  const [ended, setEnded] = useState<ReadonlySet<string>>(new Set());

  const put = (change: (before: readonly TerminalInfo[]) => TerminalInfo[]) =>
    queries.setQueryData<TerminalList>(key, (before) => ({
      terminals: change(before?.terminals ?? []),
    }));

  const opening = useMutation({
    mutationFn: () => api.openTerminal(sandboxId, { cols: 80, rows: 24 }),
    onSuccess: (terminal) => {
      put((before) => [...before, terminal]);
      setChosen(terminal.terminalId);
    },
    onError: (error) => notifyFailure("A terminal could not be opened", error),
  });
  const closing = useMutation({
    mutationFn: ({ terminalId }: TerminalInfo) => api.closeTerminal(sandboxId, terminalId),
    onMutate: ({ terminalId }) =>
      put((before) => before.filter((terminal) => terminal.terminalId !== terminalId)),
    onError: (error, terminal) => {
      // One that had ended by itself is gone already.
      if (!ended.has(terminal.terminalId)) notifyFailure("The terminal could not be closed", error);
    },
  });

  // Once: who closes the last one wants none.
  const looked = useRef(false);
  const { mutate: open } = opening;
  useEffect(() => {
    if (!visible || looked.current || !list.isSuccess) return;
    looked.current = true;
    if (list.data.terminals.length === 0) open();
  }, [visible, list.isSuccess, list.data, open]);

  return {
    terminals,
    active: terminals.find(({ terminalId }) => terminalId === chosen) ?? terminals.at(-1),
    choose: setChosen,
    open: () => open(),
    opening: opening.isPending,
    close: closing.mutate,
    noteEnd: (terminalId) => setEnded((before) => new Set(before).add(terminalId)),
    listed: list.isSuccess,
    error: list.error,
    refetch: () => void list.refetch(),
  };
}

import { useEffect, useRef, useState } from "react";
import dynamic from "next/dynamic";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Plus, SquareTerminal, X } from "lucide-react";
import { STUDIO_LIMITS } from "@/studio/contract/limits.ts";
import type { TerminalInfo, TerminalList } from "@/studio/contract/terminal.ts";
import { api } from "../lib/api.ts";
import { cn } from "../lib/cn.ts";
import { notifyFailure } from "../lib/toasts.ts";
import { useProject } from "../project/project-store.ts";
import { StoppedSandbox, useSandboxRuns } from "../project/stopped-sandbox.tsx";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Failure } from "../ui/failure.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import { Spinner } from "../ui/spinner.tsx";

const TerminalView = dynamic(
  () => import("./terminal-view.tsx").then((module) => module.TerminalView),
  { ssr: false, loading: () => <Spinner className="m-3 text-muted-foreground" /> },
);

/** Shells in the project's sandbox, each in a tab. */
export function TerminalPanel({ visible }: { visible: boolean }) {
  const sandboxId = useProject((state) => state.project.sandboxId);
  const runs = useSandboxRuns();
  return (
    <section aria-label="Terminal" className="flex h-full min-h-0 flex-col bg-card">
      {sandboxId === undefined ? (
        <EmptyState icon={<SquareTerminal />} title="No sandbox yet">
          A terminal opens in the project’s sandbox, which the agent makes with its first step.
        </EmptyState>
      ) : !runs ? (
        <StoppedSandbox what="Terminals end with it. Start it to open one." />
      ) : (
        <Terminals key={sandboxId} sandboxId={sandboxId} visible={visible} />
      )}
    </section>
  );
}

function Terminals({ sandboxId, visible }: { sandboxId: string; visible: boolean }) {
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
  const active = terminals.find(({ terminalId }) => terminalId === chosen) ?? terminals.at(-1);
  const [ended, setEnded] = useState<ReadonlySet<string>>(new Set());

  const put = (change: (before: readonly TerminalInfo[]) => TerminalInfo[]) =>
    queries.setQueryData<TerminalList>(key, (before) => ({
      terminals: change(before?.terminals ?? []),
    }));

  const open = useMutation({
    mutationFn: () => api.openTerminal(sandboxId, { cols: 80, rows: 24 }),
    onSuccess: (terminal) => {
      put((before) => [...before, terminal]);
      setChosen(terminal.terminalId);
    },
    onError: (error) => notifyFailure("A terminal could not be opened", error),
  });
  const close = useMutation({
    mutationFn: ({ terminalId }: TerminalInfo) => api.closeTerminal(sandboxId, terminalId),
    onMutate: ({ terminalId }) =>
      put((before) => before.filter((terminal) => terminal.terminalId !== terminalId)),
    onError: (error, terminal) => {
      // One that had ended by itself is gone already.
      if (!ended.has(terminal.terminalId)) notifyFailure("The terminal could not be closed", error);
    },
  });

  // The first look at the panel opens a shell, once: who closes the last one wants none.
  const opened = useRef(false);
  const { mutate: openOne } = open;
  useEffect(() => {
    if (!visible || opened.current || !list.isSuccess) return;
    opened.current = true;
    if (list.data.terminals.length === 0) openOne();
  }, [visible, list.isSuccess, list.data, openOne]);

  if (list.isError) {
    return (
      <Failure
        className="m-3"
        title="The terminals could not be listed"
        error={list.error}
        onRetry={() => void list.refetch()}
      />
    );
  }
  return (
    <>
      <div className="flex h-8 shrink-0 items-center gap-1 border-b px-1.5">
        <div role="group" aria-label="Terminals" className="flex min-w-0 gap-1 overflow-x-auto">
          {terminals.map((terminal) => (
            <div
              key={terminal.terminalId}
              className={cn(
                "flex h-6 items-center rounded-sm pr-0.5 text-xs",
                terminal === active ? "bg-accent" : "text-muted-foreground",
              )}
            >
              <button
                type="button"
                aria-pressed={terminal === active}
                onClick={() => setChosen(terminal.terminalId)}
                className="h-full max-w-40 truncate px-2"
              >
                {terminal.title}
              </button>
              <button
                type="button"
                aria-label={`Close ${terminal.title}`}
                onClick={() => close.mutate(terminal)}
                className="rounded-sm p-0.5 hover:bg-input"
              >
                <X aria-hidden className="size-3" />
              </button>
            </div>
          ))}
        </div>
        <IconButton
          label="New terminal"
          className="size-6"
          disabled={open.isPending || terminals.length >= STUDIO_LIMITS.terminalsPerSandbox}
          onClick={() => open.mutate()}
        >
          {open.isPending ? <Spinner /> : <Plus />}
        </IconButton>
      </div>
      <div className="min-h-0 flex-1">
        {terminals.map(({ terminalId, title }) => (
          <div key={terminalId} hidden={terminalId !== active?.terminalId} className="h-full">
            <TerminalView
              sandboxId={sandboxId}
              terminalId={terminalId}
              title={title}
              active={visible && terminalId === active?.terminalId}
              onRefused={() => void list.refetch()}
              onExit={() => setEnded((before) => new Set(before).add(terminalId))}
            />
          </div>
        ))}
        {terminals.length === 0 && list.isSuccess && !open.isPending && (
          <EmptyState
            icon={<SquareTerminal />}
            title="No terminal is open"
            actions={<Button onClick={() => open.mutate()}>Open one</Button>}
          />
        )}
      </div>
    </>
  );
}

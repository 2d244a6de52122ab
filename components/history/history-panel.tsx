import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { ArrowLeft, FileDiff, History, MessageSquare, Undo2 } from "lucide-react";
import type { Checkpoint } from "@/studio/contract/checkpoint.ts";
import { api } from "../lib/api.ts";
import { cn } from "../lib/cn.ts";
import { countOf, formatAgo } from "../lib/format.ts";
import { notify, notifyFailure } from "../lib/toasts.ts";
import { useNow } from "../lib/use-now.ts";
import { useProject } from "../project/project-store.ts";
import { Button } from "../ui/button.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import { DiffView } from "./diff-view.tsx";
import { LineCounts } from "./line-counts.tsx";

/** The project's states, one for each turn that changed files: what changed, and the way back. */
export function HistoryPanel() {
  const checkpoints = useProject((state) => state.checkpoints);
  const openId = useProject((state) => state.ui.openDiff);
  const openDiff = useProject((state) => state.openDiff);
  const open = checkpoints.find(({ id }) => id === openId);
  return (
    <section aria-label="History" className="flex h-full min-h-0 flex-col bg-card">
      {open ? (
        <>
          <div className="flex h-10 shrink-0 items-center gap-2 border-b px-2">
            <IconButton label="Back to the list" onClick={() => openDiff(undefined)}>
              <ArrowLeft />
            </IconButton>
            <h2 className="min-w-0 flex-1 truncate font-medium">{open.title}</h2>
            <ChangeCounts checkpoint={open} />
          </div>
          <DiffView key={open.id} checkpointId={open.id} />
        </>
      ) : (
        <CheckpointList checkpoints={checkpoints} />
      )}
    </section>
  );
}

function CheckpointList({ checkpoints }: { checkpoints: readonly Checkpoint[] }) {
  const projectId = useProject((state) => state.project.id);
  const running = useProject((state) => state.project.turn.status === "running");
  const [asked, setAsked] = useState<Checkpoint>();
  const restore = useMutation({
    mutationFn: (checkpoint: Checkpoint) => api.restoreCheckpoint(projectId, checkpoint.id),
    onSuccess: ({ checkpoint, savedBefore }) =>
      notify(
        `The files are as they were after “${checkpoint.title}”`,
        savedBefore && "What was there before is kept as a checkpoint of its own.",
      ),
    onError: (error) => notifyFailure("The checkpoint could not be restored", error),
    onSettled: () => setAsked(undefined),
  });
  if (checkpoints.length === 0) {
    return (
      <EmptyState icon={<History />} title="No checkpoints yet">
        Each turn that changes files leaves one. You can look at what changed, and go back.
      </EmptyState>
    );
  }
  return (
    <>
      <ol aria-label="Checkpoints" className="min-h-0 flex-1 overflow-y-auto px-3 py-3">
        {checkpoints.map((checkpoint, index) => (
          <Entry
            key={checkpoint.id}
            checkpoint={checkpoint}
            last={index === checkpoints.length - 1}
            disabled={running || restore.isPending}
            onRestore={() => setAsked(checkpoint)}
          />
        ))}
      </ol>
      <ConfirmDialog
        open={asked !== undefined}
        onOpenChange={() => setAsked(undefined)}
        title="Go back to this checkpoint?"
        description={`The project’s files become as they were after “${asked?.title ?? ""}”. Nothing is lost: every other checkpoint stays, and what is not in one yet is kept first.`}
        action="Restore"
        busy={restore.isPending}
        onConfirm={() => asked && restore.mutate(asked)}
      />
    </>
  );
}

interface EntryProps {
  checkpoint: Checkpoint;
  last: boolean;
  disabled: boolean;
  onRestore: () => void;
}

function Entry({ checkpoint, last, disabled, onRestore }: EntryProps) {
  const openDiff = useProject((state) => state.openDiff);
  const jumpTo = useProject((state) => state.jumpTo);
  const now = useNow(30_000);
  const { id, title, createdAt, messageId, current } = checkpoint;
  return (
    <li className="relative flex gap-3 pb-4">
      {!last && <span aria-hidden className="absolute top-4 bottom-0 left-[5px] w-px bg-border" />}
      <span
        aria-hidden
        className={cn(
          "mt-1 size-[11px] shrink-0 rounded-full border-2",
          current ? "border-primary bg-primary" : "border-input bg-card",
        )}
      />
      <div className="min-w-0 flex-1">
        <p className="flex items-baseline gap-2">
          <span className="min-w-0 truncate font-medium" title={title}>
            {title}
          </span>
          {current && (
            <span className="shrink-0 rounded-sm bg-primary-soft px-1.5 text-2xs font-medium text-primary">
              now
            </span>
          )}
          <time
            dateTime={new Date(createdAt).toISOString()}
            className="ml-auto shrink-0 text-xs text-muted-foreground"
          >
            {formatAgo(createdAt, now)}
          </time>
        </p>
        <div className="mt-1 flex flex-wrap items-center gap-x-1 gap-y-0.5">
          <span className="mr-1">
            <ChangeCounts checkpoint={checkpoint} />
          </span>
          <Button variant="ghost" className="h-6 px-1.5" onClick={() => openDiff(id)}>
            <FileDiff />
            Changes
          </Button>
          {messageId !== undefined && (
            <Button variant="ghost" className="h-6 px-1.5" onClick={() => jumpTo(messageId)}>
              <MessageSquare />
              Message
            </Button>
          )}
          {!current && (
            <Button
              variant="ghost"
              className="h-6 px-1.5"
              disabled={disabled}
              onClick={onRestore}
              aria-label={`Restore “${title}”`}
            >
              <Undo2 />
              Restore
            </Button>
          )}
        </div>
      </div>
    </li>
  );
}

function ChangeCounts({ checkpoint }: { checkpoint: Checkpoint }) {
  const { changedFiles, linesAdded, linesRemoved } = checkpoint;
  return (
    <span className="flex shrink-0 items-center gap-1.5 text-xs text-muted-foreground tabular-nums">
      {countOf(changedFiles, "file")}
      <LineCounts added={linesAdded} removed={linesRemoved} />
    </span>
  );
}

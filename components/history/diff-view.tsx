import { useId, useState } from "react";
import dynamic from "next/dynamic";
import { ChevronRight } from "lucide-react";
import type { FileChange } from "@/studio/contract/checkpoint.ts";
import { cn } from "../lib/cn.ts";
import { useDiff } from "../files/use-changed-paths.ts";
import { useProject } from "../project/project-store.ts";
import { Button } from "../ui/button.tsx";
import { Failure } from "../ui/failure.tsx";
import { Spinner } from "../ui/spinner.tsx";

const TextDiff = dynamic(() => import("./text-diff.tsx").then((module) => module.TextDiff), {
  ssr: false,
  loading: () => <Spinner className="m-3 text-muted-foreground" />,
});

// So many files are open from the start: a diff is made for each.
const OPEN_AT_FIRST = 6;

const MARKS: Record<FileChange["status"], { sign: string; word: string; className: string }> = {
  added: { sign: "A", word: "added", className: "text-success" },
  modified: { sign: "M", word: "changed", className: "text-warning" },
  deleted: { sign: "D", word: "deleted", className: "text-destructive" },
  renamed: { sign: "R", word: "renamed", className: "text-primary" },
};

/** What one checkpoint changed, file by file. */
export function DiffView({ checkpointId }: { checkpointId: string }) {
  const projectId = useProject((state) => state.project.id);
  const diff = useDiff(projectId, checkpointId);
  if (diff.isPending) return <Spinner className="m-3 text-muted-foreground" />;
  if (diff.isError) {
    return (
      <Failure
        className="m-3"
        title="The changes could not be read"
        error={diff.error}
        onRetry={() => void diff.refetch()}
      />
    );
  }
  const { files, truncated } = diff.data;
  return (
    <div className="min-h-0 flex-1 space-y-2 overflow-y-auto bg-background p-2">
      {files.map((file, index) => (
        <ChangedFile key={file.path} file={file} openAtFirst={index < OPEN_AT_FIRST} />
      ))}
      {files.length === 0 && (
        <p className="p-2 text-muted-foreground">This checkpoint changed nothing.</p>
      )}
      {truncated && (
        <p className="p-2 text-muted-foreground">More files changed than are shown here.</p>
      )}
    </div>
  );
}

function ChangedFile({ file, openAtFirst }: { file: FileChange; openAtFirst: boolean }) {
  const openFile = useProject((state) => state.openFile);
  const { path, previousPath, status, linesAdded, linesRemoved, before, after } = file;
  const [open, setOpen] = useState(openAtFirst);
  const id = useId();
  const mark = MARKS[status];
  const shown = before !== undefined || after !== undefined;
  return (
    <div className="overflow-hidden rounded-lg border bg-card">
      <div className="flex h-8 items-center gap-2 pr-1.5">
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
          className="flex h-full min-w-0 flex-1 items-center gap-2 pl-2.5 text-left text-xs focus-visible:-outline-offset-2"
        >
          <ChevronRight
            aria-hidden
            className={cn("size-3 shrink-0 transition-transform", open && "rotate-90")}
          />
          <span aria-hidden className={cn("w-3 shrink-0 font-mono font-semibold", mark.className)}>
            {mark.sign}
          </span>
          <span className="sr-only">{mark.word}</span>
          <code className="min-w-0 truncate">
            {previousPath === undefined ? path : `${previousPath} → ${path}`}
          </code>
          <span className="ml-auto flex shrink-0 gap-1.5 tabular-nums">
            <span className="text-success">+{linesAdded}</span>
            <span className="text-destructive">−{linesRemoved}</span>
          </span>
        </button>
        {status !== "deleted" && (
          <Button variant="ghost" className="h-6 px-1.5" onClick={() => openFile(path)}>
            Open
          </Button>
        )}
      </div>
      <div id={id} hidden={!open} className="border-t">
        {open &&
          (shown ? (
            <TextDiff path={path} before={before ?? ""} after={after ?? ""} />
          ) : (
            <p className="px-3 py-2 text-xs text-muted-foreground">
              It is no text, or too long to compare here.
            </p>
          ))}
      </div>
    </div>
  );
}

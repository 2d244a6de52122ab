import { useState } from "react";
import dynamic from "next/dynamic";
import type { FileChange } from "@/studio/contract/checkpoint.ts";
import { cn } from "../lib/cn.ts";
import { useDiff } from "../files/use-changed-paths.ts";
import { useProject } from "../project/project-store.ts";
import { Button } from "../ui/button.tsx";
import { Disclosure } from "../ui/disclosure.tsx";
import { Failure } from "../ui/failure.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { LineCounts } from "./line-counts.tsx";

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
  const { sign, word, className } = MARKS[status];
  const comparable = before !== undefined || after !== undefined;
  return (
    <Disclosure
      open={open}
      onOpenChange={setOpen}
      className="overflow-hidden rounded-lg border bg-card"
      lineClassName="h-8 px-2.5 text-xs"
      bodyClassName="border-t"
      summary={
        <>
          <span aria-hidden className={cn("w-3 shrink-0 font-mono font-semibold", className)}>
            {sign}
          </span>
          <span className="sr-only">{word}</span>
          <code className="min-w-0 truncate">
            {previousPath === undefined ? path : `${previousPath} → ${path}`}
          </code>
          <LineCounts added={linesAdded} removed={linesRemoved} className="ml-auto" />
        </>
      }
      beside={
        status !== "deleted" && (
          <Button variant="ghost" className="mr-1.5 h-6 px-1.5" onClick={() => openFile(path)}>
            Open
          </Button>
        )
      }
    >
      {comparable ? (
        <TextDiff path={path} before={before ?? ""} after={after ?? ""} />
      ) : (
        <p className="px-3 py-2 text-xs text-muted-foreground">
          It is no text, or too long to compare here.
        </p>
      )}
    </Disclosure>
  );
}

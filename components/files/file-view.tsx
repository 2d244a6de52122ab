import { useEffect } from "react";
import dynamic from "next/dynamic";
import { ArrowLeft, Download, FileQuestion, Save } from "lucide-react";
import { fileUrl } from "../lib/api.ts";
import { formatBytes } from "../lib/format.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Failure } from "../ui/failure.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { type EditedFileOptions, useEditedFile } from "./use-edited-file.ts";

const CodeEditor = dynamic(() => import("./code-editor.tsx").then((module) => module.CodeEditor), {
  ssr: false,
  loading: () => <Spinner className="m-3 text-muted-foreground" />,
});

export interface FileViewProps extends EditedFileOptions {
  onDirtyChange: (dirty: boolean) => void;
  /** Goes back to the tree, where both are not seen at once. */
  onBack: () => void;
}

/** One file, to be read and changed. */
export function FileView({ onDirtyChange, onBack, ...options }: FileViewProps) {
  const { sandboxId, path } = options;
  const file = useEditedFile(options);
  const { content, error, text, dirty, saving } = file;
  useEffect(() => onDirtyChange(dirty), [dirty, onDirtyChange]);

  if (error) {
    return (
      <div className="p-3">
        <BackButton onBack={onBack} />
        <Failure title={`${path} could not be read`} error={error} onRetry={file.refetch} />
      </div>
    );
  }
  if (!content) return <Spinner className="m-3 text-muted-foreground" />;
  if (content.kind !== "text") {
    return (
      <div className="relative h-full">
        <div className="absolute top-1 left-1 z-10">
          <BackButton onBack={onBack} />
        </div>
        <NotText sandboxId={sandboxId} path={path} {...content} />
      </div>
    );
  }
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex h-8 shrink-0 items-center gap-2 border-b px-3 max-md:pl-1">
        <BackButton onBack={onBack} />
        <code className="min-w-0 flex-1 truncate text-xs" title={path}>
          {path}
        </code>
        <span aria-live="polite" className="shrink-0 text-xs text-muted-foreground">
          {saving ? "Saving …" : dirty ? "Not saved" : ""}
        </span>
        <Button
          variant={dirty ? "primary" : "ghost"}
          className="h-6"
          disabled={!dirty || saving}
          onClick={file.save}
        >
          <Save />
          Save
        </Button>
      </div>
      {file.conflict && <Conflict onTake={file.takeTheirs} onKeep={file.keepMine} />}
      <div className="min-h-0 flex-1">
        <CodeEditor key={path} path={path} text={text} onChange={file.setText} onSave={file.save} />
      </div>
    </div>
  );
}

function Conflict({ onTake, onKeep }: { onTake: () => void; onKeep: () => void }) {
  return (
    <div
      role="alert"
      className="flex flex-wrap items-center gap-2 border-b bg-warning-soft px-3 py-1.5"
    >
      <p className="min-w-0 flex-1">The file was changed elsewhere while you edited it.</p>
      <Button onClick={onTake}>Take the new one</Button>
      <Button onClick={onKeep}>Keep mine</Button>
    </div>
  );
}

function BackButton({ onBack }: { onBack: () => void }) {
  return (
    <IconButton label="Back to the tree" className="md:hidden" onClick={onBack}>
      <ArrowLeft />
    </IconButton>
  );
}

type NotTextProps = { sandboxId: string; path: string } & (
  | { kind: "image"; type: string }
  | { kind: "binary" | "large"; sizeBytes: number }
);

function NotText(props: NotTextProps) {
  const { sandboxId, path } = props;
  if (props.kind === "image") {
    return (
      <div className="flex h-full items-center justify-center overflow-auto bg-muted p-4">
        {/* The bytes come from the sandbox as they are: there is nothing to optimise. */}
        <img src={fileUrl(sandboxId, path)} alt={path} className="max-h-full max-w-full" />
      </div>
    );
  }
  return (
    <EmptyState
      icon={<FileQuestion />}
      title={props.kind === "large" ? "Too large to edit" : "Not a text file"}
      actions={
        <Button asChild>
          <a href={fileUrl(sandboxId, path)} download={path.slice(path.lastIndexOf("/") + 1)}>
            <Download />
            Download
          </a>
        </Button>
      }
    >
      {path} has {formatBytes(props.sizeBytes)}.
    </EmptyState>
  );
}

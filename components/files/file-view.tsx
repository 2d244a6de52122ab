import { useEffect, useState } from "react";
import dynamic from "next/dynamic";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowLeft, Download, FileQuestion, Save } from "lucide-react";
import { api, fileUrl } from "../lib/api.ts";
import { formatBytes } from "../lib/format.ts";
import { notifyFailure } from "../lib/toasts.ts";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Failure } from "../ui/failure.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { readContent } from "./file-content.ts";

const CodeEditor = dynamic(() => import("./code-editor.tsx").then((module) => module.CodeEditor), {
  ssr: false,
  loading: () => <Spinner className="m-3 text-muted-foreground" />,
});

export interface FileViewProps {
  sandboxId: string;
  path: string;
  /** Grows with each change of the files. */
  revision: number;
  /** Whether the sandbox runs: otherwise what was read last stays. */
  runs: boolean;
  onDirtyChange: (dirty: boolean) => void;
  /** Goes back to the tree, where both are not seen at once. */
  onBack: () => void;
}

/** One file, to be read and changed. What the user typed is never lost to a change that comes from elsewhere. */
export function FileView(props: FileViewProps) {
  const { sandboxId, path, revision, runs, onDirtyChange, onBack } = props;
  const queries = useQueryClient();
  const file = useQuery({
    queryKey: ["file", sandboxId, path, revision],
    queryFn: async ({ signal }) => {
      const response = await api.readFile(sandboxId, path, { signal });
      return readContent(path, new Uint8Array(await response.arrayBuffer()));
    },
    placeholderData: keepPreviousData,
    enabled: runs,
  });
  const onDisk = file.data?.kind === "text" ? file.data.text : undefined;
  // What the editor's text is based on, and the text itself while it differs.
  const [base, setBase] = useState<string>();
  const [edited, setEdited] = useState<string>();
  const dirty = edited !== undefined && edited !== base;
  const conflict = dirty && onDisk !== undefined && base !== undefined && onDisk !== base;

  if (onDisk !== undefined && !dirty && (base !== onDisk || edited !== undefined)) {
    setBase(onDisk);
    setEdited(undefined);
  }
  useEffect(() => onDirtyChange(dirty), [dirty, onDirtyChange]);
  useWarningBeforeLeaving(dirty);

  const save = useMutation({
    mutationFn: (text: string) => api.saveFile(sandboxId, path, text),
    onSuccess: (_answer, text) => {
      setBase(text);
      queries.setQueryData(["file", sandboxId, path, revision], { kind: "text", text });
    },
    onError: (error) => notifyFailure(`${path} could not be saved`, error),
  });
  const saveNow = () => {
    if (dirty && !save.isPending) save.mutate(edited);
  };

  if (file.isPending) return <Spinner className="m-3 text-muted-foreground" />;
  if (file.isError) {
    return (
      <div className="p-3">
        <BackButton onBack={onBack} />
        <Failure
          title={`${path} could not be read`}
          error={file.error}
          onRetry={() => void file.refetch()}
        />
      </div>
    );
  }
  if (file.data.kind !== "text") {
    return (
      <div className="relative h-full">
        <div className="absolute top-1 left-1 z-10">
          <BackButton onBack={onBack} />
        </div>
        <NotText sandboxId={sandboxId} path={path} {...file.data} />
      </div>
    );
  }
  return (
    <div className="flex h-full min-h-0 flex-col">
      <div className="flex h-8 shrink-0 items-center gap-2 border-b px-3 max-md:pl-1">
        <BackButton onBack={onBack} />
        <code className="min-w-0 flex-1 truncate text-xs">{path}</code>
        <span aria-live="polite" className="text-xs text-muted-foreground">
          {save.isPending ? "Saving …" : dirty ? "Not saved" : ""}
        </span>
        <Button
          variant={dirty ? "primary" : "ghost"}
          className="h-6"
          disabled={!dirty || save.isPending}
          onClick={saveNow}
        >
          <Save />
          Save
        </Button>
      </div>
      {conflict && (
        <div
          role="alert"
          className="flex flex-wrap items-center gap-2 border-b bg-warning-soft px-3 py-1.5"
        >
          <p className="min-w-0 flex-1">The file was changed elsewhere while you edited it.</p>
          <Button
            onClick={() => {
              setEdited(undefined);
              setBase(onDisk);
            }}
          >
            Take the new one
          </Button>
          <Button onClick={() => setBase(onDisk)}>Keep mine</Button>
        </div>
      )}
      <div className="min-h-0 flex-1">
        <CodeEditor
          key={path}
          path={path}
          text={edited ?? base ?? file.data.text}
          onChange={setEdited}
          onSave={saveNow}
        />
      </div>
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

function useWarningBeforeLeaving(dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [dirty]);
}

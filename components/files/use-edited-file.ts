import { useEffect, useState } from "react";
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api } from "../lib/api.ts";
import { notifyFailure } from "../lib/toasts.ts";
import { type FileContent, readContent } from "./file-content.ts";

export interface EditedFileOptions {
  sandboxId: string;
  path: string;
  /** Grows with each change of the files. */
  revision: number;
  /** Whether the sandbox runs: otherwise what was read last stays. */
  runs: boolean;
}

export interface EditedFile {
  /** What the sandbox has; undefined until it is read. */
  content: FileContent | undefined;
  error: Error | null;
  refetch: () => void;
  /** What the editor shows. */
  text: string;
  setText: (text: string) => void;
  /** Whether the editor's text is another one than the one that it began with. */
  dirty: boolean;
  /** Whether the file was changed elsewhere meanwhile. */
  conflict: boolean;
  takeTheirs: () => void;
  keepMine: () => void;
  save: () => void;
  saving: boolean;
}

/** One file of a sandbox as it is edited. What the user typed is never lost to a change that comes from elsewhere. */
export function useEditedFile({ sandboxId, path, revision, runs }: EditedFileOptions): EditedFile {
  const queries = useQueryClient();
  const queryKey = ["file", sandboxId, path, revision];
  const file = useQuery({
    queryKey,
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

  if (onDisk !== undefined && !dirty && (base !== onDisk || edited !== undefined)) {
    setBase(onDisk);
    setEdited(undefined);
  }
  useWarningBeforeLeaving(dirty);

  const save = useMutation({
    mutationFn: (text: string) => api.saveFile(sandboxId, path, text),
    onSuccess: (_answer, text) => {
      setBase(text);
      const saved: FileContent = { kind: "text", text };
      queries.setQueryData(queryKey, saved);
    },
    onError: (error) => notifyFailure(`${path} could not be saved`, error),
  });

  return {
    content: file.data,
    error: file.error,
    refetch: () => void file.refetch(),
    text: edited ?? base ?? onDisk ?? "",
    setText: setEdited,
    dirty,
    conflict: dirty && onDisk !== undefined && base !== undefined && onDisk !== base,
    takeTheirs() {
      setEdited(undefined);
      setBase(onDisk);
    },
    keepMine: () => setBase(onDisk),
    save() {
      if (dirty && !save.isPending) save.mutate(edited);
    },
    saving: save.isPending,
  };
}

function useWarningBeforeLeaving(dirty: boolean): void {
  useEffect(() => {
    if (!dirty) return undefined;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", warn);
    return () => window.removeEventListener("beforeunload", warn);
  }, [dirty]);
}

import { useMemo } from "react";
import { keepPreviousData, useQueries, useQuery } from "@tanstack/react-query";
import { api } from "../lib/api.ts";
import { buildTree, type TreeNode } from "./file-tree-model.ts";

export interface FilesOptions {
  sandboxId: string;
  /** Grows with each change of the files. */
  revision: number;
  /** Folders that are read only when they are opened, and that are open. */
  opened: readonly string[];
  /** Whether the sandbox runs: otherwise what was read last stays. */
  runs: boolean;
}

/** The sandbox's files as a tree, read again when they change. */
export function useTree({ sandboxId, revision, opened, runs }: FilesOptions): {
  tree: TreeNode[] | undefined;
  truncated: boolean;
  error: Error | null;
  refetch: () => void;
} {
  const root = useQuery({
    queryKey: ["tree", sandboxId, "", revision],
    queryFn: ({ signal }) => api.readTree(sandboxId, "", { signal }),
    enabled: runs,
    placeholderData: keepPreviousData,
  });
  const inner = useQueries({
    queries: opened.map((path) => ({
      queryKey: ["tree", sandboxId, path, revision],
      queryFn: ({ signal }: { signal: AbortSignal }) => api.readTree(sandboxId, path, { signal }),
      enabled: runs,
      placeholderData: keepPreviousData,
    })),
    combine: (results) => results.flatMap(({ data }) => (data ? [data] : [])),
  });
  const tree = useMemo(() => {
    if (!root.data) return undefined;
    const read = new Set(inner.map(({ path }) => path));
    const entries = root.data.entries.map((entry) =>
      read.has(entry.path) ? { ...entry, unread: false } : entry,
    );
    return buildTree([...entries, ...inner.flatMap((folder) => folder.entries)]);
  }, [root.data, inner]);
  return {
    tree,
    truncated: root.data?.truncated ?? false,
    error: root.error,
    refetch: () => void root.refetch(),
  };
}

import { useMemo } from "react";
import { useQuery } from "@tanstack/react-query";
import { api } from "../lib/api.ts";

/** What one checkpoint changed; a checkpoint never changes, so it is read once. */
export function useDiff(projectId: string, checkpointId: string | undefined) {
  return useQuery({
    queryKey: ["diff", projectId, checkpointId],
    queryFn: ({ signal }) => api.readDiff(projectId, checkpointId ?? "", { signal }),
    enabled: checkpointId !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** The paths that a checkpoint changed; none while it is not known. */
export function useChangedPaths(
  projectId: string,
  checkpointId: string | undefined,
): ReadonlySet<string> {
  const { data } = useDiff(projectId, checkpointId);
  return useMemo(() => new Set(data?.files.map(({ path }) => path)), [data]);
}

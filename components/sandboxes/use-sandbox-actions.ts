import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { SandboxActionAnswer, SandboxActionRequest } from "@/studio/contract/sandbox.ts";
import { api } from "../lib/api.ts";
import { notify, notifyFailure } from "../lib/toasts.ts";

type Action = SandboxActionRequest["action"];

// Whether a sandbox runs is seen everywhere: only what cannot be seen is told.
const DONE: Partial<
  Record<Action, (answer: SandboxActionAnswer) => [title: string, detail: string | undefined]>
> = {
  snapshot: ({ snapshotId }) => ["A snapshot was taken, and the sandbox stopped", snapshotId],
  fork: ({ sandbox }) => ["A second sandbox was made", sandbox.sandboxId],
};

const FAILED: Record<Action, string> = {
  stop: "The sandbox could not be stopped",
  resume: "The sandbox could not be started",
  snapshot: "No snapshot could be taken",
  fork: "The sandbox could not be forked",
};

/** What can be done with a sandbox as a whole. What cannot be seen of it is told at the edge of the page. */
export function useSandboxActions(sandboxId: string): {
  act: (action: Action) => void;
  remove: () => void;
  /** Something of it is on its way. */
  busy: boolean;
} {
  const queries = useQueryClient();
  const onSettled = () => queries.invalidateQueries({ queryKey: ["sandboxes"] });
  const act = useMutation({
    mutationFn: (action: Action) => api.actOnSandbox(sandboxId, { action }),
    onSuccess: (answer, action) => {
      const done = DONE[action]?.(answer);
      if (done) notify(...done);
    },
    onError: (error, action) => notifyFailure(FAILED[action], error),
    onSettled,
  });
  const remove = useMutation({
    mutationFn: () => api.deleteSandbox(sandboxId),
    onSuccess: () => notify("The sandbox is deleted", sandboxId),
    onError: (error) => notifyFailure(`${sandboxId} could not be deleted`, error),
    onSettled,
  });
  return {
    act: act.mutate,
    remove: () => remove.mutate(),
    busy: act.isPending || remove.isPending,
  };
}

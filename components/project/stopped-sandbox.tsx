import { CirclePause } from "lucide-react";
import { ResumeButton } from "../sandboxes/resume-button.tsx";
import { SANDBOX_STATES } from "../sandboxes/sandbox-states.ts";
import { EmptyState } from "../ui/empty-state.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { useProject } from "./project-store.ts";

/** Whether the project's sandbox can be asked for its files and commands now. */
export function useSandboxRuns(): boolean {
  return useProject((state) => state.sandbox?.status === "running");
}

/** What stands in the place of what only a running sandbox has: why, and how to start it. */
export function StoppedSandbox({ what }: { what: string }) {
  const sandbox = useProject((state) => state.sandbox);
  if (!sandbox) return <Spinner className="m-3 text-muted-foreground" />;
  const { word, tone } = SANDBOX_STATES[sandbox.status];
  if (tone === "busy") {
    return <EmptyState icon={<Spinner />} title={`The sandbox: ${word.toLowerCase()}`} />;
  }
  return (
    <EmptyState
      icon={<CirclePause />}
      title="The sandbox is stopped"
      actions={<ResumeButton sandboxId={sandbox.sandboxId} />}
    >
      {what}
    </EmptyState>
  );
}

import { useProject } from "../project/project-store.ts";
import { ResumeButton } from "../sandboxes/resume-button.tsx";

/** Says above the files that they are those that were read last. Nothing while the sandbox starts or stops. */
export function StoppedBanner() {
  const sandbox = useProject((state) => state.sandbox);
  if (!sandbox || !["stopped", "failed", "aborted"].includes(sandbox.status)) return null;
  return (
    <div className="flex flex-wrap items-center gap-2 border-b bg-muted px-3 py-1.5">
      <p className="min-w-0 flex-1">The sandbox is stopped. Start it to read and save files.</p>
      <ResumeButton sandboxId={sandbox.sandboxId} />
    </div>
  );
}

import { Workflow } from "lucide-react";

/** The runs that did what a tool was asked for, where tools run as tasks. */
export function RunIds({ runIds }: { runIds: readonly string[] }) {
  return (
    <div className="flex items-center gap-2 px-2.5 pb-2 text-2xs text-muted-foreground">
      <Workflow aria-hidden className="size-3.5 shrink-0" />
      <span className="sr-only">
        {runIds.length === 1 ? "Done by the run" : "Done by the runs"}
      </span>
      <ul className="flex min-w-0 flex-wrap gap-1">
        {runIds.map((runId) => (
          <li key={runId} className="min-w-0">
            <code className="block truncate rounded-sm border bg-muted px-1.5">{runId}</code>
          </li>
        ))}
      </ul>
    </div>
  );
}

import { Spinner } from "../ui/spinner.tsx";
import type { PanelLayout } from "./panel-layout.ts";

/** A project's page before its project is there: the same areas, empty. */
export function WorkspaceSkeleton({ layout }: { layout: PanelLayout }) {
  const chat = layout.columns?.["chat"] ?? 38;
  return (
    <main aria-busy="true" aria-label="Opening the project" className="flex h-dvh flex-col">
      <div className="h-12 shrink-0 border-b bg-card" />
      <div className="flex min-h-0 flex-1">
        <div
          className="flex items-center justify-center border-r max-md:w-full!"
          style={{ width: `${chat}%` }}
        >
          <Spinner className="text-muted-foreground" />
        </div>
        <div className="flex-1 bg-card max-md:hidden" />
      </div>
    </main>
  );
}

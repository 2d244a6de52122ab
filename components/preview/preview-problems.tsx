import { useId, useState } from "react";
import { ChevronUp, TriangleAlert, X } from "lucide-react";
import type { RuntimeProblem } from "@/studio/contract/runtime-error.ts";
import { cn } from "../lib/cn.ts";
import { countOf } from "../lib/format.ts";
import { useProject } from "../project/project-store.ts";
import { AskToFix } from "./ask-to-fix.tsx";
import { IconButton } from "../ui/icon-button.tsx";

export interface PreviewProblemsProps {
  problems: readonly RuntimeProblem[];
  onClear: () => void;
}

/** What went wrong in the app's page, and what auto-fix makes of it. Nothing, while all is well. */
export function PreviewProblems({ problems, onClear }: PreviewProblemsProps) {
  const decision = useProject((state) => state.autoFix);
  const [open, setOpen] = useState(false);
  const id = useId();
  if (problems.length === 0) return null;
  return (
    <div className="max-h-[45%] shrink-0 overflow-y-auto border-t bg-card">
      <div className="sticky top-0 flex min-h-9 items-center gap-2 bg-destructive-soft pr-1 pl-3">
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => setOpen(!open)}
          className="flex min-h-9 min-w-0 flex-1 items-center gap-2 text-left"
        >
          <TriangleAlert aria-hidden className="size-3.5 shrink-0 text-destructive" />
          <span className="shrink-0 font-medium">
            {countOf(problems.length, "error")} in the page
          </span>
          <span role="status" className="min-w-0 truncate text-xs text-muted-foreground">
            {decision?.message ?? problems.at(-1)?.message}
          </span>
          <ChevronUp
            aria-hidden
            className={cn("ml-auto size-3.5 shrink-0 transition-transform", open && "rotate-180")}
          />
        </button>
        <AskToFix problem={problems.map(textOf).join("\n\n")} />
        <IconButton label="Forget these errors" onClick={onClear}>
          <X />
        </IconButton>
      </div>
      <ul id={id} hidden={!open} className="divide-y">
        {problems.map(({ message, detail, location }, index) => (
          <li key={index} className="px-3 py-2">
            <code className="block text-xs break-words text-destructive">{message}</code>
            {location && <p className="text-xs text-muted-foreground">{location}</p>}
            {detail && (
              <pre className="mt-1 max-h-40 overflow-auto text-2xs text-muted-foreground">
                {detail}
              </pre>
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

function textOf({ message, detail, location }: RuntimeProblem): string {
  return [location ? `${message} (in ${location})` : message, detail].filter(Boolean).join("\n");
}

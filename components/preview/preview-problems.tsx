import { useState } from "react";
import { TriangleAlert, X } from "lucide-react";
import type { RuntimeProblem } from "@/studio/contract/runtime-error.ts";
import { countOf } from "../lib/format.ts";
import { useProject } from "../project/project-store.ts";
import { Disclosure } from "../ui/disclosure.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import { AskToFix } from "./ask-to-fix.tsx";

export interface PreviewProblemsProps {
  problems: readonly RuntimeProblem[];
  onClear: () => void;
}

/** What went wrong in the app's page, and what auto-fix makes of it. Nothing, while all is well. */
export function PreviewProblems({ problems, onClear }: PreviewProblemsProps) {
  const decision = useProject((state) => state.autoFix);
  const [open, setOpen] = useState(false);
  if (problems.length === 0) return null;
  return (
    <Disclosure
      open={open}
      onOpenChange={setOpen}
      sign="end"
      className="flex max-h-[45%] shrink-0 flex-col border-t bg-card"
      headClassName="bg-destructive-soft pr-1"
      lineClassName="min-h-9 px-3"
      bodyClassName="min-h-0 overflow-y-auto"
      summary={
        <>
          <TriangleAlert aria-hidden className="size-3.5 shrink-0 text-destructive" />
          <span className="shrink-0 font-medium">
            {countOf(problems.length, "error")} in the page
          </span>
          <span role="status" className="min-w-0 flex-1 truncate text-xs text-muted-foreground">
            {decision?.message ?? problems.at(-1)?.message}
          </span>
        </>
      }
      beside={
        <>
          <AskToFix problem={problems.map(textOf).join("\n\n")} />
          <IconButton label="Forget these errors" onClick={onClear}>
            <X />
          </IconButton>
        </>
      }
    >
      <ul className="divide-y">
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
    </Disclosure>
  );
}

function textOf({ message, detail, location }: RuntimeProblem): string {
  return [location ? `${message} (in ${location})` : message, detail].filter(Boolean).join("\n");
}

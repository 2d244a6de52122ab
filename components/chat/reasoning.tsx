import { useId, useState } from "react";
import { ChevronRight } from "lucide-react";
import { cn } from "../lib/cn.ts";

/** What the model thought, folded to one line; that line follows its newest thought. */
export function Reasoning({ text, growing }: { text: string; growing: boolean }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  const lines = text.trim().split("\n");
  const newest = lines.findLast((line) => line.trim() !== "") ?? "";
  return (
    <div className="text-xs text-muted-foreground">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        onClick={() => setOpen(!open)}
        className="flex h-5 w-full items-center gap-1.5 rounded-sm text-left hover:text-foreground"
      >
        <ChevronRight
          aria-hidden
          className={cn("size-3.5 shrink-0 transition-transform", open && "rotate-90")}
        />
        <span className={cn("shrink-0 font-medium", growing && "animate-pulse")}>
          {growing ? "Thinking" : "Thought"}
        </span>
        {!open && <span className="min-w-0 truncate">{newest}</span>}
      </button>
      <div id={id} hidden={!open} className="mt-1 border-l-2 pl-3 break-words whitespace-pre-wrap">
        {open && text.trim()}
      </div>
    </div>
  );
}

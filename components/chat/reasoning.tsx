import { useState } from "react";
import { cn } from "../lib/cn.ts";
import { Disclosure } from "../ui/disclosure.tsx";

/** What the model thought, folded to one line; that line follows its newest thought. */
export function Reasoning({ text, growing }: { text: string; growing: boolean }) {
  const [open, setOpen] = useState(false);
  const thoughts = text.trim();
  const newest = thoughts.split("\n").findLast((line) => line.trim() !== "") ?? "";
  return (
    <Disclosure
      open={open}
      onOpenChange={setOpen}
      className="text-xs text-muted-foreground"
      lineClassName="h-5 gap-1.5 rounded-sm hover:text-foreground"
      bodyClassName="mt-1 border-l-2 pl-3 break-words whitespace-pre-wrap"
      summary={
        <>
          <span className={cn("shrink-0 font-medium", growing && "animate-pulse")}>
            {growing ? "Thinking" : "Thought"}
          </span>
          {!open && <span className="min-w-0 truncate">{newest}</span>}
        </>
      }
    >
      {thoughts}
    </Disclosure>
  );
}

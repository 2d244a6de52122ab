import { cn } from "../lib/cn.ts";

export interface LineCountsProps {
  added: number;
  removed: number;
  className?: string;
}

/** How many lines came and went. */
export function LineCounts({ added, removed, className }: LineCountsProps) {
  return (
    <span className={cn("flex shrink-0 gap-1.5 tabular-nums", className)}>
      <span className="text-success">
        <span className="sr-only">lines added: </span>+{added}
      </span>
      <span className="text-destructive">
        <span className="sr-only">lines removed: </span>−{removed}
      </span>
    </span>
  );
}

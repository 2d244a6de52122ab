import type { ReactNode } from "react";
import { TriangleAlert } from "lucide-react";
import { messageOf } from "../lib/request.ts";
import { cn } from "../lib/cn.ts";
import { Button } from "./button.tsx";

export interface FailureProps {
  /** What did not work, in a few words. */
  title: string;
  error: unknown;
  onRetry?: (() => void) | undefined;
  children?: ReactNode;
  className?: string;
}

/** Says what did not work, why, and what to do. */
export function Failure({ title, error, onRetry, children, className }: FailureProps) {
  return (
    <div
      role="alert"
      className={cn(
        "flex gap-2.5 rounded-lg border border-destructive/30 bg-destructive-soft p-3",
        className,
      )}
    >
      <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-destructive" />
      <div className="min-w-0 flex-1 space-y-0.5">
        <p className="font-medium">{title}</p>
        <p className="break-words text-muted-foreground">{messageOf(error)}</p>
        {(onRetry || children) && (
          <div className="flex flex-wrap gap-2 pt-1.5">
            {onRetry && <Button onClick={onRetry}>Try again</Button>}
            {children}
          </div>
        )}
      </div>
    </div>
  );
}

import type { ReactNode } from "react";
import { cn } from "../lib/cn.ts";

export interface EmptyStateProps {
  icon?: ReactNode;
  title: string;
  /** Why there is nothing, and what to do. */
  children?: ReactNode;
  /** Buttons. */
  actions?: ReactNode;
  className?: string;
}

/** What a panel shows where there is nothing to show. */
export function EmptyState({ icon, title, children, actions, className }: EmptyStateProps) {
  return (
    <div
      className={cn(
        "flex h-full flex-col items-center justify-center gap-2 overflow-y-auto p-6 text-center",
        className,
      )}
    >
      {icon && (
        <div className="mb-1 flex size-9 items-center justify-center rounded-lg border bg-card text-muted-foreground shadow-card [&_svg]:size-4">
          {icon}
        </div>
      )}
      <p className="font-medium">{title}</p>
      {children && <div className="max-w-sm text-muted-foreground">{children}</div>}
      {actions && <div className="mt-2 flex flex-wrap justify-center gap-2">{actions}</div>}
    </div>
  );
}

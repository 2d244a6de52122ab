import type { ComponentProps } from "react";
import { cn } from "../lib/cn.ts";

/** One line of text. */
export function Input({ className, ...props }: ComponentProps<"input">) {
  return (
    <input
      className={cn(
        "h-8 w-full min-w-0 rounded-md border border-input bg-card px-2.5 text-ui placeholder:text-muted-foreground disabled:opacity-50",
        className,
      )}
      {...props}
    />
  );
}

import { cn } from "../lib/cn.ts";

/** How something is, as a colour. The words stand beside it. */
export type Tone = "good" | "busy" | "warning" | "bad" | "quiet";

const TONES: Record<Tone, string> = {
  good: "bg-success",
  busy: "bg-primary animate-pulse",
  warning: "bg-warning",
  bad: "bg-destructive",
  quiet: "bg-muted-foreground/50",
};

/** A dot whose colour says how something is. */
export function StatusDot({ tone, className }: { tone: Tone; className?: string }) {
  return (
    <span aria-hidden className={cn("size-2 shrink-0 rounded-full", TONES[tone], className)} />
  );
}

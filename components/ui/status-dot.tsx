import { cn } from "../lib/cn.ts";

/** How something is, as a colour. */
export type Tone = "good" | "busy" | "news" | "warning" | "bad" | "quiet";

const TONES: Record<Tone, string> = {
  good: "bg-success",
  busy: "bg-primary animate-pulse",
  news: "bg-primary",
  warning: "bg-warning",
  bad: "bg-destructive",
  quiet: "bg-muted-foreground/50",
};

export interface StatusDotProps {
  tone: Tone;
  /** Read out, where no word stands beside it. */
  words?: string;
  className?: string;
}

/** A dot whose colour says how something is. */
export function StatusDot({ tone, words, className }: StatusDotProps) {
  return (
    <>
      <span aria-hidden className={cn("size-1.5 shrink-0 rounded-full", TONES[tone], className)} />
      {words !== undefined && <span className="sr-only">{words}</span>}
    </>
  );
}

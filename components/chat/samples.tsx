import { ArrowUpRight } from "lucide-react";
import { SAMPLE_PROMPTS, type SamplePrompt } from "@/studio/contract/sample-prompts.ts";
import { cn } from "../lib/cn.ts";

export interface SamplesProps {
  onPick: (sample: SamplePrompt) => void;
  disabled?: boolean;
  className?: string;
}

/** Prompts that are one click away: side by side where there is room, else one below the other. */
export function Samples({ onPick, disabled = false, className }: SamplesProps) {
  return (
    <div className={cn("@container", className)}>
      <ul aria-label="Samples" className="grid gap-2 @xl:grid-cols-3">
        {SAMPLE_PROMPTS.map((sample) => (
          <li key={sample.id}>
            <button
              type="button"
              disabled={disabled}
              onClick={() => onPick(sample)}
              className="group flex h-full w-full flex-col gap-1 rounded-lg border bg-card p-3 text-left shadow-card transition-colors hover:border-input hover:bg-accent/50 disabled:opacity-60"
            >
              <span className="flex w-full items-start gap-2 font-medium">
                <span className="flex-1">{sample.title}</span>
                <ArrowUpRight
                  aria-hidden
                  className="size-4 shrink-0 text-muted-foreground transition-colors group-hover:text-primary"
                />
              </span>
              <span className="text-xs text-muted-foreground">{sample.description}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

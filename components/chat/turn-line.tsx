import type { ModelInfo } from "@/studio/contract/model.ts";
import type { TurnState } from "@/studio/contract/turn.ts";

export interface TurnLineProps {
  turn: TurnState;
  running: boolean;
  model: ModelInfo | undefined;
}

/** One line below the message: how far the turn is, or who would answer. It always takes its place, so that nothing jumps. */
export function TurnLine({ turn, running, model }: TurnLineProps) {
  return (
    <p
      aria-live="polite"
      className="mt-1.5 flex h-4 items-center justify-between gap-3 px-1 text-2xs text-muted-foreground"
    >
      <span className="truncate">{textOf({ turn, running, model })}</span>
      {running && turn.step !== undefined && turn.maxSteps !== undefined && (
        <span className="flex shrink-0 items-center gap-2 tabular-nums">
          Step {turn.step} of {turn.maxSteps}
          <span aria-hidden className="h-1 w-16 overflow-hidden rounded-full bg-accent">
            <span
              className="block h-full rounded-full bg-primary transition-[width]"
              style={{ width: `${Math.min(100, (turn.step / turn.maxSteps) * 100)}%` }}
            />
          </span>
        </span>
      )}
    </p>
  );
}

function textOf({ turn, running, model }: TurnLineProps): string {
  if (running) return turn.cause === "auto-fix" ? "Auto-fix is at work" : "The agent is at work";
  if (turn.status === "awaiting-approval") return "The agent waits for your answer";
  if (turn.ended === "interrupted") return "The last turn was interrupted";
  if (model?.kind === "demo")
    return "The demo model is a script, no AI: it builds the three samples";
  return "";
}

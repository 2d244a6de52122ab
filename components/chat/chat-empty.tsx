import { ArrowUpRight } from "lucide-react";
import { SAMPLE_PROMPTS } from "@/studio/contract/sample-prompts.ts";

/** What a conversation shows before its first word: prompts that are one click away. */
export function ChatEmpty({ onPick }: { onPick: (prompt: string) => void }) {
  return (
    <div className="m-auto w-full max-w-md space-y-3 py-6">
      <div>
        <h2 className="text-base font-semibold">What shall we build?</h2>
        <p className="text-muted-foreground">
          Say it in your own words, or begin with one of these. They run on this machine.
        </p>
      </div>
      <ul className="divide-y overflow-hidden rounded-lg border bg-card shadow-card">
        {SAMPLE_PROMPTS.map(({ id, title, description, prompt }) => (
          <li key={id}>
            <button
              type="button"
              onClick={() => onPick(prompt)}
              className="group flex w-full items-center gap-3 px-3.5 py-2.5 text-left transition-colors hover:bg-accent"
            >
              <span className="min-w-0 flex-1">
                <span className="block font-medium">{title}</span>
                <span className="block text-xs text-muted-foreground">{description}</span>
              </span>
              <ArrowUpRight
                aria-hidden
                className="size-4 text-muted-foreground transition-colors group-hover:text-primary"
              />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

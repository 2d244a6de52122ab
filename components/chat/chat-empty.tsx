import { Samples } from "./samples.tsx";

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
      <Samples onPick={({ prompt }) => onPick(prompt)} />
    </div>
  );
}

import { type KeyboardEvent, type ReactNode, type Ref, useId } from "react";
import { ArrowUp, Square } from "lucide-react";
import { cn } from "../lib/cn.ts";
import { Button } from "../ui/button.tsx";
import { Tooltip } from "../ui/tooltip.tsx";
import { Spinner } from "../ui/spinner.tsx";

export interface ComposerProps {
  draft: string;
  onDraftChange: (draft: string) => void;
  onSend: (text: string) => void;
  placeholder: string;
  /** Whether a message cannot be sent now. */
  disabled?: boolean;
  /** Given while something runs that can be ended. */
  onStop?: (() => void) | undefined;
  stopping?: boolean;
  /** Stands at the lower edge, left: such as the choice of a model. */
  children?: ReactNode;
  textRef?: Ref<HTMLTextAreaElement>;
  className?: string;
}

/** Where a message is written. Enter sends it, with Shift it begins a new line. */
export function Composer({
  draft,
  onDraftChange,
  onSend,
  placeholder,
  disabled = false,
  onStop,
  stopping = false,
  children,
  textRef,
  className,
}: ComposerProps) {
  const id = useId();
  const text = draft.trim();
  const canSend = text !== "" && !disabled;

  function send(): void {
    if (canSend) onSend(text);
  }

  function onKeyDown(event: KeyboardEvent): void {
    // While a word is being composed, Enter belongs to that word.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
      className={cn(
        "rounded-xl border border-input bg-card shadow-card transition-colors focus-within:border-ring focus-within:ring-3 focus-within:ring-ring/20",
        className,
      )}
    >
      <label htmlFor={id} className="sr-only">
        Message
      </label>
      <textarea
        id={id}
        ref={textRef}
        data-focus-area=""
        value={draft}
        onChange={(event) => onDraftChange(event.target.value)}
        onKeyDown={onKeyDown}
        placeholder={placeholder}
        rows={2}
        className="field-sizing-content max-h-52 min-h-16 w-full resize-none bg-transparent px-3.5 pt-3 pb-1 text-sm leading-relaxed outline-none placeholder:text-muted-foreground"
      />
      <div className="flex items-center gap-1.5 px-2 pb-2">
        <div className="flex min-w-0 flex-1 items-center gap-1">{children}</div>
        {onStop ? (
          <Tooltip key="stop" text="Ends the model and its command">
            <Button
              variant="outline"
              size="md"
              aria-label="Stop"
              disabled={stopping}
              onClick={onStop}
            >
              {stopping ? <Spinner /> : <Square className="fill-current" />}
              Stop
            </Button>
          </Tooltip>
        ) : (
          <Tooltip key="send" text="Send (Enter)">
            <Button
              type="submit"
              variant="primary"
              aria-label="Send"
              disabled={!canSend}
              className="size-8 rounded-lg px-0"
            >
              <ArrowUp className="size-4!" />
            </Button>
          </Tooltip>
        )}
      </div>
    </form>
  );
}

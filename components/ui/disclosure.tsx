import { type ReactNode, useId } from "react";
import { ChevronRight } from "lucide-react";
import { cn } from "../lib/cn.ts";

export interface DisclosureProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** The line that is always seen, and that is pressed. */
  summary: ReactNode;
  /** Stands beside that line and is not pressed with it, such as buttons. */
  beside?: ReactNode;
  /** At which end of the line the sign stands that it opens. */
  sign?: "start" | "end";
  /** Made only while it is open. */
  children: ReactNode;
  className?: string;
  headClassName?: string;
  lineClassName?: string;
  bodyClassName?: string;
}

/** A line that opens what belongs to it, and closes it again. */
export function Disclosure(props: DisclosureProps) {
  const { open, onOpenChange, summary, beside, sign = "start", children } = props;
  const id = useId();
  const chevron = (
    <ChevronRight
      aria-hidden
      className={cn(
        "size-3.5 shrink-0 text-muted-foreground transition-transform",
        open && "rotate-90",
      )}
    />
  );
  return (
    <div className={props.className}>
      <div className={cn("flex items-center", props.headClassName)}>
        <button
          type="button"
          aria-expanded={open}
          aria-controls={id}
          onClick={() => onOpenChange(!open)}
          className={cn(
            "flex min-w-0 flex-1 items-center gap-2 text-left focus-visible:-outline-offset-2",
            props.lineClassName,
          )}
        >
          {sign === "start" && chevron}
          {summary}
          {sign === "end" && chevron}
        </button>
        {beside}
      </div>
      <div id={id} hidden={!open} className={props.bodyClassName}>
        {open && children}
      </div>
    </div>
  );
}

import { type ReactNode, useId } from "react";
import { Switch as Primitive } from "radix-ui";

export interface SwitchFieldProps {
  label: string;
  /** What it does, in a sentence. */
  description: ReactNode;
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
}

/** A switch with its words, which may be pressed, too. */
export function SwitchField({ label, description, checked, onCheckedChange }: SwitchFieldProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-3">
      <div className="min-w-0 flex-1">
        <label htmlFor={id} className="font-medium">
          {label}
        </label>
        <p id={`${id}-description`} className="text-xs text-muted-foreground">
          {description}
        </p>
      </div>
      <Primitive.Root
        id={id}
        aria-describedby={`${id}-description`}
        checked={checked}
        onCheckedChange={onCheckedChange}
        className="mt-0.5 inline-flex h-[18px] w-8 shrink-0 items-center rounded-full bg-input p-0.5 transition-colors data-[state=checked]:bg-primary"
      >
        <Primitive.Thumb className="size-3.5 rounded-full bg-white shadow-card transition-transform data-[state=checked]:translate-x-3.5" />
      </Primitive.Root>
    </div>
  );
}

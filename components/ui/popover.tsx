import type { ReactNode } from "react";
import { Popover as Primitive } from "radix-ui";
import { cn } from "../lib/cn.ts";

export interface PopoverProps {
  /** The button that opens it. */
  trigger: ReactNode;
  /** Its name, for who cannot see it. */
  label: string;
  children: ReactNode;
  className?: string;
}

/** A small window below a button, for settings. */
export function Popover({ trigger, label, children, className }: PopoverProps) {
  return (
    <Primitive.Root>
      <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          aria-label={label}
          align="end"
          sideOffset={6}
          collisionPadding={8}
          className={cn(
            "z-50 w-80 animate-appear rounded-lg border bg-popover p-3 shadow-float",
            className,
          )}
        >
          {children}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

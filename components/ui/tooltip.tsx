import type { ReactNode } from "react";
import { Tooltip as Primitive } from "radix-ui";

/** Shows a few words when its only child is pointed at or focused. The child needs a name of its own besides. */
export function Tooltip({ text, children }: { text: string; children: ReactNode }) {
  return (
    <Primitive.Root>
      <Primitive.Trigger asChild>{children}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          sideOffset={5}
          collisionPadding={8}
          className="z-50 max-w-72 animate-appear rounded-md bg-foreground px-2 py-1 text-xs text-background shadow-float"
        >
          {text}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

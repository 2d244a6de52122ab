import { type ComponentProps, createContext, type ReactNode, useContext, useRef } from "react";
import { DropdownMenu as Primitive } from "radix-ui";
import { Check } from "lucide-react";
import { cn } from "../lib/cn.ts";

const ITEM =
  "flex min-h-7 items-center gap-2 rounded-sm px-2 py-1 text-ui outline-none select-none data-[disabled]:opacity-45 data-[highlighted]:bg-accent [&_svg]:size-3.5 [&_svg]:shrink-0";

export interface MenuProps {
  /** The button that opens it. */
  trigger: ReactNode;
  children: ReactNode;
  align?: "start" | "end";
  className?: string;
}

// Takes what is to be done once the menu is closed.
const AfterClose = createContext<(action: () => void) => void>((action) => action());

/**
 * A list of actions below a button. An action begins when the menu has closed and the button has the focus again, so
 * that a dialog which it opens gives the focus back to the button.
 */
export function Menu({ trigger, children, align = "end", className }: MenuProps) {
  const chosen = useRef<() => void>(undefined);
  return (
    <Primitive.Root>
      <Primitive.Trigger asChild>{trigger}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          align={align}
          sideOffset={5}
          collisionPadding={8}
          onCloseAutoFocus={() => {
            chosen.current?.();
            chosen.current = undefined;
          }}
          className={cn(
            "z-50 max-h-[min(26rem,var(--radix-dropdown-menu-content-available-height))] min-w-44 animate-appear overflow-y-auto rounded-lg border bg-popover p-1 shadow-float",
            className,
          )}
        >
          <AfterClose
            value={(action) => {
              chosen.current = action;
            }}
          >
            {children}
          </AfterClose>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

export interface MenuItemProps extends ComponentProps<typeof Primitive.Item> {
  danger?: boolean;
  onSelect?: () => void;
}

/** One action of a menu. */
export function MenuItem({ className, danger, onSelect, ...props }: MenuItemProps) {
  const afterClose = useContext(AfterClose);
  return (
    <Primitive.Item
      className={cn(ITEM, danger && "text-destructive", className)}
      {...(onSelect ? { onSelect: () => afterClose(onSelect) } : {})}
      {...props}
    />
  );
}

/** One of several choices of a menu, within a `MenuChoice`. */
export function MenuOption({
  className,
  children,
  ...props
}: ComponentProps<typeof Primitive.RadioItem>) {
  return (
    <Primitive.RadioItem className={cn(ITEM, "pr-7", className)} {...props}>
      {children}
      <Primitive.ItemIndicator className="absolute right-3">
        <Check />
      </Primitive.ItemIndicator>
    </Primitive.RadioItem>
  );
}

/** Choices of which one is taken. */
export const MenuChoice = Primitive.RadioGroup;

/** What the following items have in common. */
export function MenuLabel({ children }: { children: ReactNode }) {
  return (
    <Primitive.Label className="px-2 pt-1.5 pb-1 text-2xs font-medium text-muted-foreground">
      {children}
    </Primitive.Label>
  );
}

/** A line between groups of items. */
export function MenuSeparator() {
  return <Primitive.Separator className="-mx-1 my-1 h-px bg-border" />;
}

import type { ReactNode } from "react";
import { Tabs } from "radix-ui";

/** The bar of an area's tabs. A narrow screen has its own, for all areas. */
export const TAB_BAR =
  "flex h-9 shrink-0 items-center gap-0.5 border-b bg-background px-1.5 max-md:hidden";

export interface TabProps {
  value: string;
  icon: ReactNode;
  children: ReactNode;
  /** How many there are of what it shows. */
  count?: number;
  /** Whether F6 comes here. */
  first?: boolean;
}

/** One tab of an area. */
export function Tab({ value, icon, children, count, first = false }: TabProps) {
  return (
    <Tabs.Trigger
      value={value}
      {...(first ? { "data-focus-area": "" } : {})}
      className="flex h-7 items-center gap-1.5 rounded-md px-2.5 text-xs font-medium text-muted-foreground transition-colors hover:text-foreground data-[state=active]:bg-accent data-[state=active]:text-foreground [&_svg]:size-3.5"
    >
      <span aria-hidden>{icon}</span>
      {children}
      {count !== undefined && (
        <span className="text-2xs text-muted-foreground tabular-nums">{count}</span>
      )}
    </Tabs.Trigger>
  );
}

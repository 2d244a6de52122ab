import type { ReactNode } from "react";
import { Tabs } from "radix-ui";
import { cn } from "../lib/cn.ts";
import { useProject } from "./project-store.ts";
import { VIEW_LOOKS } from "./view-looks.ts";
import type { View } from "./view-state.ts";

export interface AreaTabsProps<Name extends View> {
  /** What the tabs are for, to be read out. */
  label: string;
  views: readonly Name[];
  /** The one that is shown. */
  view: Name;
  /** Stands in a tab behind its name: a number, a dot. */
  marks: Partial<Record<Name, ReactNode>>;
  /** Whether walking over the tabs with the arrow keys shows what they lead to; else Enter does. */
  showWhileWalking?: boolean;
  /** Stands at the end of the bar. */
  children?: ReactNode;
  barClassName?: string | undefined;
  /** What a tab leads to. All are there at once, so that each stays as it is while another is seen. */
  panel: (name: Name) => ReactNode;
}

/** An area of a project's page with its tabs. A narrow screen has a bar of its own for all areas. */
export function AreaTabs<Name extends View>(props: AreaTabsProps<Name>) {
  const { label, views, view, marks, showWhileWalking = true, children, panel } = props;
  const show = useProject((state) => state.show);
  return (
    <Tabs.Root
      value={view}
      activationMode={showWhileWalking ? "automatic" : "manual"}
      onValueChange={(value) => {
        const next = views.find((name) => name === value);
        if (next) show(next);
      }}
      className="flex h-full min-h-0 flex-col"
    >
      <div
        className={cn(
          "flex h-9 shrink-0 items-center border-b bg-background px-1.5 max-md:hidden",
          props.barClassName,
        )}
      >
        <Tabs.List aria-label={label} className="flex min-w-0 flex-1 gap-0.5">
          {views.map((name, index) => (
            <AreaTab key={name} name={name} first={index === 0} mark={marks[name]} />
          ))}
        </Tabs.List>
        {children}
      </div>
      {views.map((name) => (
        <Tabs.Content
          key={name}
          value={name}
          forceMount
          hidden={name !== view}
          tabIndex={-1}
          className="min-h-0 flex-1 outline-none"
        >
          {panel(name)}
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}

interface AreaTabProps {
  name: View;
  /** Whether F6 comes here. */
  first: boolean;
  mark: ReactNode;
}

function AreaTab({ name, first, mark }: AreaTabProps) {
  const { label, Icon } = VIEW_LOOKS[name];
  return (
    <Tabs.Trigger
      value={name}
      {...(first ? { "data-focus-area": "" } : {})}
      className="flex h-7 items-center gap-1.5 rounded-md px-2.5 text-xs font-medium text-muted-foreground transition-colors hover:text-foreground data-[state=active]:bg-accent data-[state=active]:text-foreground"
    >
      <Icon aria-hidden className="size-3.5" />
      {label}
      {mark !== undefined && (
        <span className="flex items-center text-2xs text-muted-foreground tabular-nums">
          {mark}
        </span>
      )}
    </Tabs.Trigger>
  );
}

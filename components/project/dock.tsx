import { Tabs } from "radix-ui";
import { ChevronDown, ScrollText, SquareTerminal } from "lucide-react";
import { cn } from "../lib/cn.ts";
import { LogsPanel } from "../logs/logs-panel.tsx";
import { TerminalPanel } from "../terminal/terminal-panel.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import { useProject } from "./project-store.ts";
import { Tab, TAB_BAR } from "./tab.tsx";
import { DOCK_VIEWS } from "./view-state.ts";

/** The lower area: what commands write, and terminals. Folded, only its bar is left. */
export function Dock() {
  const dock = useProject((state) => state.ui.dock);
  const folded = useProject((state) => state.ui.dockFolded);
  const show = useProject((state) => state.show);
  const foldDock = useProject((state) => state.foldDock);
  const running = useProject(
    (state) => state.commands.filter(({ exitCode }) => exitCode === null).length,
  );
  return (
    <Tabs.Root
      value={dock}
      // A terminal takes the keys as soon as it is seen: walking over its tab must not open it.
      activationMode="manual"
      onValueChange={(value) => {
        const view = DOCK_VIEWS.find((name) => name === value);
        if (view) show(view);
      }}
      className="flex h-full min-h-0 flex-col"
    >
      <div className={cn(TAB_BAR, folded && "border-b-0")}>
        <Tabs.List aria-label="Logs and terminals" className="flex gap-0.5">
          <Tab
            value="logs"
            icon={<ScrollText />}
            first
            {...(running > 0 ? { count: running } : {})}
          >
            Logs
          </Tab>
          <Tab value="terminal" icon={<SquareTerminal />}>
            Terminal
          </Tab>
        </Tabs.List>
        <IconButton
          label={folded ? "Unfold" : "Fold"}
          aria-expanded={!folded}
          className="ml-auto"
          onClick={() => foldDock(!folded)}
        >
          <ChevronDown className={cn("transition-transform", folded && "rotate-180")} />
        </IconButton>
      </div>
      {DOCK_VIEWS.map((view) => (
        <Tabs.Content
          key={view}
          value={view}
          forceMount
          hidden={view !== dock}
          tabIndex={-1}
          className="min-h-0 flex-1 outline-none"
        >
          {view === "logs" ? (
            <LogsPanel visible={dock === "logs" && !folded} />
          ) : (
            <TerminalPanel visible={dock === "terminal" && !folded} />
          )}
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}

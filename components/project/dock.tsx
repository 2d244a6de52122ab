import { ChevronDown } from "lucide-react";
import { cn } from "../lib/cn.ts";
import { LogsPanel } from "../logs/logs-panel.tsx";
import { TerminalPanel } from "../terminal/terminal-panel.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import { AreaTabs } from "./area-tabs.tsx";
import { useProject } from "./project-store.ts";
import { DOCK_VIEWS } from "./view-state.ts";

/** The lower area: what commands write, and terminals. Folded, only its bar is left. */
export function Dock() {
  const dock = useProject((state) => state.ui.dock);
  const folded = useProject((state) => state.ui.dockFolded);
  const foldDock = useProject((state) => state.foldDock);
  const running = useProject(
    (state) => state.commands.filter(({ exitCode }) => exitCode === null).length,
  );
  return (
    <AreaTabs
      label="Logs and terminals"
      views={DOCK_VIEWS}
      view={dock}
      marks={running === 0 ? {} : { logs: running }}
      // A terminal takes the keys as soon as it is seen: walking over its tab must not open it.
      showWhileWalking={false}
      barClassName={folded ? "border-b-0" : undefined}
      panel={(name) =>
        name === "logs" ? (
          <LogsPanel visible={dock === name && !folded} />
        ) : (
          <TerminalPanel visible={dock === name && !folded} />
        )
      }
    >
      <IconButton
        label={folded ? "Unfold" : "Fold"}
        aria-expanded={!folded}
        onClick={() => foldDock(!folded)}
      >
        <ChevronDown className={cn("transition-transform", folded && "rotate-180")} />
      </IconButton>
    </AreaTabs>
  );
}

import { useEffect, useRef } from "react";
import {
  Group,
  type Layout,
  Panel,
  type PanelImperativeHandle,
  Separator,
} from "react-resizable-panels";
import { ChatPanel } from "../chat/chat-panel.tsx";
import type { StudioChat } from "../chat/use-studio-chat.ts";
import { Dock } from "./dock.tsx";
import { MainArea } from "./main-area.tsx";
import { keepPanelLayout, type PanelLayout } from "./panel-layout.ts";
import { PhoneTabs } from "./phone-tabs.tsx";
import { useProject } from "./project-store.ts";
import { DOCK_VIEWS } from "./view-state.ts";
import { walkAreas } from "./walk-areas.ts";

const DEFAULT_COLUMNS: Layout = { chat: 38, work: 62 };
const DEFAULT_ROWS: Layout = { main: 70, dock: 30 };
// The height of the dock's own bar, which stays when the dock is folded.
const FOLDED_PX = 36;

const SEPARATOR =
  "bg-border transition-colors data-[separator=active]:bg-primary data-[separator=hover]:bg-primary data-[separator=focus]:bg-ring max-md:hidden!";

/**
 * The areas of a project's page. A wide screen has them side by side, to be resized; a narrow one shows one at a time.
 * Either way each exists once: `app/globals.css` hides what a narrow screen does not show.
 */
export function Workspace({ chat, layout }: { chat: StudioChat; layout: PanelLayout }) {
  const view = useProject((state) => state.ui.view);
  const folded = useProject((state) => state.ui.dockFolded);
  const foldDock = useProject((state) => state.foldDock);
  const dock = useRef<PanelImperativeHandle>(null);
  const sizes = useRef(layout);
  const area =
    view === "chat" ? "chat" : DOCK_VIEWS.some((name) => name === view) ? "dock" : "main";

  useEffect(() => {
    if (folded) dock.current?.collapse();
    else dock.current?.expand();
  }, [folded]);

  useEffect(walkAreas, []);

  function keep(change: PanelLayout): void {
    sizes.current = { ...sizes.current, ...change };
    keepPanelLayout(sizes.current);
  }

  return (
    <main data-area={area} className="workspace flex min-h-0 flex-1 flex-col">
      <Group
        id="columns"
        orientation="horizontal"
        defaultLayout={layout.columns ?? DEFAULT_COLUMNS}
        onLayoutChanged={(columns, { isUserInteraction }) => {
          if (isUserInteraction) keep({ columns });
        }}
        className="min-h-0 flex-1"
      >
        <Panel id="chat" minSize={320} className="h-full">
          <ChatPanel chat={chat} />
        </Panel>
        <Separator aria-label="Width of the chat" className={`w-px ${SEPARATOR}`} />
        <Panel id="work" minSize={360} className="h-full">
          <Group
            id="rows"
            orientation="vertical"
            defaultLayout={layout.rows ?? DEFAULT_ROWS}
            onLayoutChanged={(rows, { isUserInteraction }) => {
              if (isUserInteraction && !dock.current?.isCollapsed()) keep({ rows });
            }}
          >
            <Panel id="main" minSize={160} className="h-full">
              <MainArea />
            </Panel>
            <Separator aria-label="Height of the lower area" className={`h-px ${SEPARATOR}`} />
            <Panel
              id="dock"
              panelRef={dock}
              collapsible
              collapsedSize={FOLDED_PX}
              minSize={140}
              onResize={({ inPixels }, _id, before) => {
                // Folded or unfolded by dragging; a first measure is neither.
                if (before && inPixels !== before.inPixels) foldDock(inPixels <= FOLDED_PX + 1);
              }}
              className="h-full"
            >
              <Dock />
            </Panel>
          </Group>
        </Panel>
      </Group>
      <PhoneTabs />
    </main>
  );
}

import { useState } from "react";
import { Tabs } from "radix-ui";
import { AppWindow, FolderTree, History } from "lucide-react";
import { FilesPanel } from "../files/files-panel.tsx";
import { HistoryPanel } from "../history/history-panel.tsx";
import { PHASES } from "../preview/preview-bar.tsx";
import { PreviewPanel } from "../preview/preview-panel.tsx";
import { StatusDot } from "../ui/status-dot.tsx";
import { useProject } from "./project-store.ts";
import { TAB_BAR, Tab } from "./tab.tsx";
import { MAIN_VIEWS, type MainView } from "./view-state.ts";

/** The upper area: the app, its files, its history. What was opened once stays as it is while another is seen. */
export function MainArea() {
  const main = useProject((state) => state.ui.main);
  const show = useProject((state) => state.show);
  const phase = useProject((state) => state.preview.phase);
  const count = useProject((state) => state.checkpoints.length);
  const [seen, setSeen] = useState<ReadonlySet<MainView>>(new Set(["preview"]));
  if (!seen.has(main)) setSeen(new Set(seen).add(main));
  return (
    <Tabs.Root
      value={main}
      onValueChange={(value) => {
        const view = MAIN_VIEWS.find((name) => name === value);
        if (view) show(view);
      }}
      className="flex h-full min-h-0 flex-col"
    >
      <Tabs.List aria-label="App, files and history" className={TAB_BAR}>
        <Tab value="preview" icon={<AppWindow />} first>
          Preview
          {phase !== "none" && <StatusDot tone={PHASES[phase].tone} className="size-1.5" />}
        </Tab>
        <Tab value="files" icon={<FolderTree />}>
          Files
        </Tab>
        <Tab value="history" icon={<History />} {...(count > 0 ? { count } : {})}>
          History
        </Tab>
      </Tabs.List>
      {MAIN_VIEWS.map((view) => (
        <Tabs.Content
          key={view}
          value={view}
          forceMount
          hidden={view !== main}
          tabIndex={-1}
          className="min-h-0 flex-1 outline-none"
        >
          {seen.has(view) && <MainPanel view={view} />}
        </Tabs.Content>
      ))}
    </Tabs.Root>
  );
}

function MainPanel({ view }: { view: MainView }) {
  switch (view) {
    case "preview":
      return <PreviewPanel />;
    case "files":
      return <FilesPanel />;
    case "history":
      return <HistoryPanel />;
  }
}

import { useState } from "react";
import { FilesPanel } from "../files/files-panel.tsx";
import { HistoryPanel } from "../history/history-panel.tsx";
import { PHASES } from "../preview/preview-bar.tsx";
import { PreviewPanel } from "../preview/preview-panel.tsx";
import { StatusDot } from "../ui/status-dot.tsx";
import { AreaTabs } from "./area-tabs.tsx";
import { useProject } from "./project-store.ts";
import { MAIN_VIEWS, type MainView } from "./view-state.ts";

/** The upper area: the app, its files, its history. What was never opened is not made yet. */
export function MainArea() {
  const main = useProject((state) => state.ui.main);
  const phase = useProject((state) => state.preview.phase);
  const count = useProject((state) => state.checkpoints.length);
  const [seen, setSeen] = useState<ReadonlySet<MainView>>(new Set(["preview"]));
  if (!seen.has(main)) setSeen(new Set(seen).add(main));
  return (
    <AreaTabs
      label="App, files and history"
      views={MAIN_VIEWS}
      view={main}
      marks={{
        ...(phase === "none" ? {} : { preview: <StatusDot tone={PHASES[phase].tone} /> }),
        ...(count === 0 ? {} : { history: count }),
      }}
      panel={(name) => seen.has(name) && <MainPanel view={name} />}
    />
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

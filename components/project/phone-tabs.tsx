import { cn } from "../lib/cn.ts";
import { StatusDot } from "../ui/status-dot.tsx";
import { useProject } from "./project-store.ts";
import { VIEW_LOOKS } from "./view-looks.ts";
import { VIEWS } from "./view-state.ts";

/** The areas of a project's page on a narrow screen, at its lower edge. */
export function PhoneTabs() {
  const view = useProject((state) => state.ui.view);
  const show = useProject((state) => state.show);
  const busy = useProject((state) => state.project.turn.status === "running");
  const up = useProject((state) => state.preview.phase === "up");
  return (
    <nav
      aria-label="Areas"
      className="grid shrink-0 grid-cols-6 border-t bg-card pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {VIEWS.map((name) => {
        const { label, Icon } = VIEW_LOOKS[name];
        const news = (name === "chat" && busy) || (name === "preview" && up);
        return (
          <button
            key={name}
            type="button"
            aria-current={name === view}
            onClick={() => show(name)}
            className={cn(
              "relative flex h-12 flex-col items-center justify-center gap-0.5 text-2xs text-muted-foreground focus-visible:-outline-offset-2",
              name === view && "font-medium text-primary",
            )}
          >
            <Icon aria-hidden className="size-4" />
            {label}
            {news && name !== view && (
              <StatusDot tone="news" className="absolute top-1.5 left-1/2 ml-2.5" />
            )}
          </button>
        );
      })}
    </nav>
  );
}

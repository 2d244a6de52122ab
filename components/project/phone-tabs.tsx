import type { ComponentType } from "react";
import {
  AppWindow,
  FolderTree,
  History,
  type LucideProps,
  MessageSquare,
  ScrollText,
  SquareTerminal,
} from "lucide-react";
import { cn } from "../lib/cn.ts";
import { useProject } from "./project-store.ts";
import { type View, VIEWS } from "./view-state.ts";

const LOOKS: Record<View, { label: string; Icon: ComponentType<LucideProps> }> = {
  chat: { label: "Chat", Icon: MessageSquare },
  preview: { label: "Preview", Icon: AppWindow },
  files: { label: "Files", Icon: FolderTree },
  history: { label: "History", Icon: History },
  terminal: { label: "Terminal", Icon: SquareTerminal },
  logs: { label: "Logs", Icon: ScrollText },
};

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
        const { label, Icon } = LOOKS[name];
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
              <span
                aria-hidden
                className="absolute top-1.5 left-1/2 ml-2.5 size-1.5 rounded-full bg-primary"
              />
            )}
          </button>
        );
      })}
    </nav>
  );
}

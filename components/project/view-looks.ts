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
import type { View } from "./view-state.ts";

/** The name and the sign of each part of a project's page. */
export const VIEW_LOOKS: Record<View, { label: string; Icon: ComponentType<LucideProps> }> = {
  chat: { label: "Chat", Icon: MessageSquare },
  preview: { label: "Preview", Icon: AppWindow },
  files: { label: "Files", Icon: FolderTree },
  history: { label: "History", Icon: History },
  terminal: { label: "Terminal", Icon: SquareTerminal },
  logs: { label: "Logs", Icon: ScrollText },
};

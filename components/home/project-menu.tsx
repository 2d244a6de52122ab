import type { ReactNode } from "react";
import { Download, Pencil, Trash2 } from "lucide-react";
import type { Project } from "@/studio/contract/project.ts";
import { useProjectDownload } from "../lib/use-project-download.ts";
import { Menu, MenuItem, MenuSeparator } from "../ui/menu.tsx";

/** What asks before it is done. */
export interface ProjectQuestion {
  kind: "rename" | "delete";
  project: Project;
}

export interface ProjectMenuProps {
  project: Project;
  /** The button that opens it. */
  trigger: ReactNode;
  /** Items of its own, below those that all have. */
  children?: ReactNode;
  /** For `ProjectDialogs`. */
  onAsk: (question: ProjectQuestion) => void;
}

/** What can be done with a project as a whole. */
export function ProjectMenu({ project, trigger, children, onAsk }: ProjectMenuProps) {
  const { download, packing } = useProjectDownload(project);
  return (
    <Menu trigger={trigger}>
      <MenuItem onSelect={() => onAsk({ kind: "rename", project })}>
        <Pencil />
        Rename
      </MenuItem>
      <MenuItem disabled={project.sandboxId === undefined || packing} onSelect={download}>
        <Download />
        Download as zip
      </MenuItem>
      {children}
      <MenuSeparator />
      <MenuItem danger onSelect={() => onAsk({ kind: "delete", project })}>
        <Trash2 />
        Delete
      </MenuItem>
    </Menu>
  );
}

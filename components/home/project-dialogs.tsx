import type { Project } from "@/studio/contract/project.ts";
import { DeleteProjectDialog } from "./delete-project-dialog.tsx";
import type { ProjectQuestion } from "./project-menu.tsx";
import { RenameProjectDialog } from "./rename-project-dialog.tsx";

export interface ProjectDialogsProps {
  question: ProjectQuestion | undefined;
  onClose: () => void;
  onRenamed: (project: Project) => void;
  onDeleted: () => void;
}

/** Asks what a `ProjectMenu` wants to know. */
export function ProjectDialogs({ question, onClose, onRenamed, onDeleted }: ProjectDialogsProps) {
  if (!question) return null;
  const { kind, project } = question;
  return kind === "rename" ? (
    <RenameProjectDialog project={project} onClose={onClose} onRenamed={onRenamed} />
  ) : (
    <DeleteProjectDialog project={project} onClose={onClose} onDeleted={onDeleted} />
  );
}

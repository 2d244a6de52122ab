import { useMutation } from "@tanstack/react-query";
import type { Project } from "@/studio/contract/project.ts";
import { api } from "../lib/api.ts";
import { notifyFailure } from "../lib/toasts.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";

export interface DeleteProjectDialogProps {
  project: Project;
  onClose: () => void;
  onDeleted: () => void;
}

/** Deletes a project, after asking. */
export function DeleteProjectDialog({ project, onClose, onDeleted }: DeleteProjectDialogProps) {
  const remove = useMutation({
    mutationFn: () => api.deleteProject(project.id),
    onSuccess: () => {
      onClose();
      onDeleted();
    },
    onError: (error) => notifyFailure(`${project.name} could not be deleted`, error),
  });
  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Delete “${project.name}”?`}
      description="Its conversation, its sandbox with all files, and every version of them are deleted. This cannot be undone; download the files first if you want to keep them."
      action="Delete"
      busy={remove.isPending}
      onConfirm={() => remove.mutate()}
    />
  );
}

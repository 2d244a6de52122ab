import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { STUDIO_LIMITS } from "@/studio/contract/limits.ts";
import type { Project } from "@/studio/contract/project.ts";
import { api } from "../lib/api.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { Failure } from "../ui/failure.tsx";
import { Input } from "../ui/input.tsx";

export interface RenameProjectDialogProps {
  project: Project;
  onClose: () => void;
  onRenamed: (project: Project) => void;
}

/** Gives a project another name. */
export function RenameProjectDialog(props: RenameProjectDialogProps) {
  return (
    <Dialog open onOpenChange={props.onClose} title="Rename the project">
      <RenameForm {...props} />
    </Dialog>
  );
}

function RenameForm({ project, onClose, onRenamed }: RenameProjectDialogProps) {
  const [name, setName] = useState(project.name);
  const rename = useMutation({
    mutationFn: () => api.updateProject(project.id, { name: name.trim() }),
    onSuccess: (renamed) => {
      onRenamed(renamed);
      onClose();
    },
  });
  return (
    <form
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() !== "") rename.mutate();
      }}
    >
      <Input
        aria-label="Name"
        value={name}
        maxLength={STUDIO_LIMITS.projectNameLength}
        onChange={(event) => setName(event.target.value)}
        onFocus={(event) => event.target.select()}
      />
      {rename.isError && <Failure title="It could not be renamed" error={rename.error} />}
      <div className="flex justify-end gap-2">
        <Button size="md" onClick={onClose}>
          Cancel
        </Button>
        <Button
          type="submit"
          size="md"
          variant="primary"
          disabled={name.trim() === "" || rename.isPending}
        >
          Rename
        </Button>
      </div>
    </form>
  );
}

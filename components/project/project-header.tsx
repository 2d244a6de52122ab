import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { Ellipsis, Keyboard, Settings2 } from "lucide-react";
import { api } from "../lib/api.ts";
import { notifyFailure } from "../lib/toasts.ts";
import { ProjectDialogs } from "../home/project-dialogs.tsx";
import { ProjectMenu, type ProjectQuestion } from "../home/project-menu.tsx";
import { Logo } from "../shell/logo.tsx";
import { Button } from "../ui/button.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import { MenuItem } from "../ui/menu.tsx";
import { Popover } from "../ui/popover.tsx";
import { KeyboardHelp } from "./keyboard-help.tsx";
import { ProjectSettings } from "./project-settings.tsx";
import { useProject, useProjectStore } from "./project-store.ts";
import { SandboxChip } from "./sandbox-chip.tsx";

/** The head of a project's page: its name, its sandbox, its settings. */
export function ProjectHeader() {
  const store = useProjectStore();
  const router = useRouter();
  const project = useProject((state) => state.project);
  const [showingKeys, setShowingKeys] = useState(false);
  const [question, setQuestion] = useState<ProjectQuestion>();

  const update = useMutation({
    mutationFn: (change: Parameters<typeof api.updateProject>[1]) =>
      api.updateProject(project.id, change),
    onSuccess: (updated) => store.getState().setProject(updated),
    onError: (error) => notifyFailure("The setting could not be changed", error),
  });

  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b bg-card px-3">
      <Link
        href="/"
        aria-label="All projects"
        className="flex items-center gap-2 rounded-md p-1 font-semibold"
      >
        <Logo />
      </Link>
      <span aria-hidden className="text-input">
        /
      </span>
      <h1 className="min-w-0">
        <button
          type="button"
          title="Rename"
          onClick={() => setQuestion({ kind: "rename", project })}
          className="block max-w-full truncate rounded-md px-1.5 py-1 font-medium hover:bg-accent"
        >
          {project.name}
        </button>
      </h1>
      <div className="ml-auto flex shrink-0 items-center gap-1">
        <SandboxChip />
        <Popover
          label="Settings"
          trigger={
            <Button variant="ghost" aria-label="Settings">
              <Settings2 />
              <span className="max-sm:hidden">Settings</span>
            </Button>
          }
        >
          <ProjectSettings project={project} onChange={(change) => update.mutate(change)} />
        </Popover>
        <ProjectMenu
          project={project}
          onAsk={setQuestion}
          trigger={
            <IconButton label="More">
              <Ellipsis />
            </IconButton>
          }
        >
          <MenuItem onSelect={() => setShowingKeys(true)}>
            <Keyboard />
            Keyboard
          </MenuItem>
        </ProjectMenu>
      </div>
      <ProjectDialogs
        question={question}
        onClose={() => setQuestion(undefined)}
        onRenamed={(renamed) => store.getState().setProject(renamed)}
        onDeleted={() => router.push("/")}
      />
      <KeyboardHelp open={showingKeys} onOpenChange={setShowingKeys} />
    </header>
  );
}

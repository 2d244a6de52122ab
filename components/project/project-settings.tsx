import type { Project, UpdateProjectRequest } from "@/studio/contract/project.ts";
import { STUDIO_LIMITS } from "@/studio/contract/limits.ts";
import { ThemeSwitch } from "../shell/theme-switch.tsx";
import { Segmented } from "../ui/segmented.tsx";
import { SwitchField } from "../ui/switch.tsx";

export interface ProjectSettingsProps {
  project: Project;
  onChange: (change: UpdateProjectRequest) => void;
}

/** How the agent works in a project, and how the page looks. */
export function ProjectSettings({ project, onChange }: ProjectSettingsProps) {
  return (
    <div className="space-y-4">
      <div className="space-y-1.5">
        <p className="font-medium">Commands</p>
        <Segmented
          label="Commands"
          value={project.approval}
          onValueChange={(approval) => onChange({ approval })}
          className="w-full"
          segments={[
            { value: "auto", label: "Run at once" },
            { value: "ask", label: "Ask me first" },
          ]}
        />
        <p className="text-xs text-muted-foreground">
          {project.approval === "ask"
            ? "Each command of the agent waits for your yes. Files are written at once."
            : "The agent runs what it needs in the project’s sandbox."}
        </p>
      </div>
      <SwitchField
        label="Auto-fix"
        description={`When the app fails, the agent is asked to fix it, up to ${STUDIO_LIMITS.autoFixesPerTurn} times after each of your messages.`}
        checked={project.autoFix}
        onCheckedChange={(autoFix) => onChange({ autoFix })}
      />
      <div className="flex items-center justify-between border-t pt-3">
        <p className="font-medium">Theme</p>
        <ThemeSwitch />
      </div>
    </div>
  );
}

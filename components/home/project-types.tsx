import { ChartNoAxesColumn, Gamepad2, Globe, Server, Sparkle } from "lucide-react";
import { PROJECT_TYPES } from "@/studio/contract/project-types.ts";
import type { ProjectType } from "@/studio/contract/project.ts";
import { cn } from "../lib/cn.ts";

const ICONS: Record<ProjectType, typeof Globe> = {
  website: Globe,
  game: Gamepad2,
  api: Server,
  dashboard: ChartNoAxesColumn,
  other: Sparkle,
};

export interface ProjectTypesProps {
  chosen: ProjectType;
  onChoose: (type: ProjectType) => void;
}

/** Kinds of projects, each a starting point. */
export function ProjectTypes({ chosen, onChoose }: ProjectTypesProps) {
  return (
    <div
      role="group"
      aria-label="Starting points"
      className="mt-3 flex flex-wrap justify-center gap-1.5"
    >
      {PROJECT_TYPES.map(({ type, title, description }) => {
        const Icon = ICONS[type];
        return (
          <button
            key={type}
            type="button"
            aria-pressed={type === chosen}
            title={description}
            onClick={() => onChoose(type)}
            className={cn(
              "flex h-7 items-center gap-1.5 rounded-full border bg-card px-3 text-xs font-medium text-muted-foreground transition-colors hover:text-foreground",
              type === chosen && "border-primary/40 bg-primary-soft text-foreground",
            )}
          >
            <Icon aria-hidden className="size-3.5" />
            {title}
          </button>
        );
      })}
    </div>
  );
}

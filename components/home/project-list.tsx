import Link from "next/link";
import { useState } from "react";
import { useQueryClient } from "@tanstack/react-query";
import { Ellipsis } from "lucide-react";
import { PROJECT_TYPES } from "@/studio/contract/project-types.ts";
import type { Project } from "@/studio/contract/project.ts";
import { formatAgo } from "../lib/format.ts";
import { useNow } from "../lib/use-now.ts";
import { IconButton } from "../ui/icon-button.tsx";
import { StatusDot } from "../ui/status-dot.tsx";
import { ProjectDialogs } from "./project-dialogs.tsx";
import { ProjectMenu, type ProjectQuestion } from "./project-menu.tsx";

/** The projects that there are, those used last first; undefined while they are not known yet. */
export function ProjectList({ projects }: { projects: readonly Project[] | undefined }) {
  const queries = useQueryClient();
  const now = useNow(30_000);
  const [question, setQuestion] = useState<ProjectQuestion>();
  const refresh = () => void queries.invalidateQueries({ queryKey: ["projects"] });

  if (!projects) return <div aria-busy="true" className="h-24 rounded-lg border border-dashed" />;
  if (projects.length === 0) {
    return (
      <p className="rounded-lg border border-dashed px-4 py-8 text-center text-muted-foreground">
        What you build is kept here: its conversation, its files, every version of it.
      </p>
    );
  }
  return (
    <>
      <ul className="divide-y overflow-hidden rounded-lg border bg-card shadow-card">
        {projects.map((project) => (
          <li key={project.id} className="group relative flex items-center pr-2">
            <Link
              href={`/projects/${project.id}`}
              className="flex min-w-0 flex-1 items-center gap-3 px-3.5 py-2.5 transition-colors group-hover:bg-accent/50 focus-visible:-outline-offset-2"
            >
              <span className="min-w-0 flex-1 truncate font-medium">{project.name}</span>
              <TurnNote project={project} />
              <span className="hidden w-20 text-xs text-muted-foreground sm:block">
                {typeTitle(project)}
              </span>
              <time
                dateTime={new Date(project.updatedAt).toISOString()}
                className="w-20 text-right text-xs text-muted-foreground"
                suppressHydrationWarning
              >
                {formatAgo(project.updatedAt, now)}
              </time>
            </Link>
            <ProjectMenu
              project={project}
              onAsk={setQuestion}
              trigger={
                <IconButton label={`More for ${project.name}`}>
                  <Ellipsis />
                </IconButton>
              }
            />
          </li>
        ))}
      </ul>
      <ProjectDialogs
        question={question}
        onClose={() => setQuestion(undefined)}
        onRenamed={refresh}
        onDeleted={refresh}
      />
    </>
  );
}

function TurnNote({ project }: { project: Project }) {
  const { status } = project.turn;
  if (status === "idle") return null;
  return (
    <span className="flex shrink-0 items-center gap-1.5 text-xs text-muted-foreground">
      <StatusDot tone={status === "running" ? "busy" : "warning"} />
      {status === "running" ? "at work" : "waits for you"}
    </span>
  );
}

function typeTitle({ type }: Project): string {
  return type === "other" ? "" : (PROJECT_TYPES.find((entry) => entry.type === type)?.title ?? "");
}

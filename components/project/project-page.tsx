"use client";

import { type ReactNode, useEffect, useState } from "react";
import Link from "next/link";
import { useQuery } from "@tanstack/react-query";
import { FolderX } from "lucide-react";
import { StudioError } from "@/studio/contract/errors.ts";
import type { ProjectDetail } from "@/studio/contract/project.ts";
import { api } from "../lib/api.ts";
import { STUDIO_AWAY } from "../lib/request.ts";
import { useStudioChat } from "../chat/use-studio-chat.ts";
import { SiteHeader } from "../shell/site-header.tsx";
import { Button } from "../ui/button.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Failure } from "../ui/failure.tsx";
import type { PanelLayout } from "./panel-layout.ts";
import { ProjectHeader } from "./project-header.tsx";
import { createProjectStore, ProjectStoreProvider, useProject } from "./project-store.ts";
import { useProjectEvents } from "./use-project-events.ts";
import { Workspace } from "./workspace.tsx";
import { WorkspaceSkeleton } from "./workspace-skeleton.tsx";

/** One project: the conversation, and all that came of it. */
export function ProjectPage({ projectId, layout }: { projectId: string; layout: PanelLayout }) {
  const detail = useQuery({
    queryKey: ["project", projectId],
    queryFn: ({ signal }) => api.readProject(projectId, { signal }),
    // Read once; from then on the page's own store follows the server's events.
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
  if (detail.isPending) return <WorkspaceSkeleton layout={layout} />;
  if (detail.isError) {
    const gone = detail.error instanceof StudioError && detail.error.code === "project_not_found";
    return gone ? (
      <Gone title="There is no such project" />
    ) : (
      <div className="flex h-dvh flex-col">
        <SiteHeader />
        <main className="mx-auto w-full max-w-xl p-6">
          <Failure
            title="The project could not be opened"
            error={detail.error}
            onRetry={() => void detail.refetch()}
          />
        </main>
      </div>
    );
  }
  return <OpenProject key={projectId} detail={detail.data} layout={layout} />;
}

function OpenProject({ detail, layout }: { detail: ProjectDetail; layout: PanelLayout }) {
  const [store] = useState(() => createProjectStore(detail.project));
  useProjectEvents(store, detail.project.id);
  const chat = useStudioChat(store, detail);
  return (
    <ProjectStoreProvider value={store}>
      <PageTitle />
      <Deletable>
        <div className="flex h-dvh flex-col overflow-hidden">
          <ProjectHeader />
          <ConnectionBanner />
          <Workspace chat={chat} layout={layout} />
        </div>
      </Deletable>
    </ProjectStoreProvider>
  );
}

function Deletable({ children }: { children: ReactNode }) {
  const deleted = useProject((state) => state.deleted);
  return deleted ? <Gone title="This project was deleted" /> : children;
}

function PageTitle() {
  const name = useProject((state) => state.project.name);
  useEffect(() => {
    document.title = `${name} · Sandlot`;
  }, [name]);
  return null;
}

function ConnectionBanner() {
  const lost = useProject((state) => state.connection === "lost");
  if (!lost) return null;
  return (
    <p role="status" className="shrink-0 border-b bg-warning-soft px-4 py-1.5 text-center text-xs">
      {STUDIO_AWAY}
    </p>
  );
}

function Gone({ title }: { title: string }) {
  return (
    <div className="flex h-dvh flex-col">
      <SiteHeader />
      <main className="min-h-0 flex-1">
        <EmptyState
          icon={<FolderX />}
          title={title}
          actions={
            <Button asChild size="md">
              <Link href="/">All projects</Link>
            </Button>
          }
        >
          It may have been deleted here or in another window.
        </EmptyState>
      </main>
    </div>
  );
}

"use client";

import { useQuery } from "@tanstack/react-query";
import { api } from "../lib/api.ts";
import { SiteHeader } from "../shell/site-header.tsx";
import { Failure } from "../ui/failure.tsx";
import { NewProject } from "./new-project.tsx";
import { ProjectList } from "./project-list.tsx";

/** The first page: a prompt to begin with, and the projects that there are. */
export function HomePage() {
  const projects = useQuery({
    queryKey: ["projects"],
    queryFn: ({ signal }) => api.listProjects({ signal }),
    refetchOnWindowFocus: "always",
    refetchOnMount: "always",
  });
  return (
    <div className="flex min-h-dvh flex-col">
      <SiteHeader />
      <main className="mx-auto w-full max-w-3xl flex-1 px-4 pt-[max(2.5rem,9vh)] pb-16">
        <h1 className="text-center text-2xl font-semibold tracking-tight text-balance">
          What shall we build?
        </h1>
        <p className="mt-2 mb-6 text-center text-sm text-balance text-muted-foreground">
          Say it, and watch an agent build and run it in a sandbox on this machine.
        </p>
        <NewProject />
        <section aria-labelledby="projects-title" className="mt-12">
          <h2 id="projects-title" className="mb-2 text-sm font-semibold">
            Projects
          </h2>
          {projects.isError && (
            <Failure
              className="mb-2"
              title="The projects could not be listed"
              error={projects.error}
              onRetry={() => void projects.refetch()}
            />
          )}
          {(projects.data || !projects.isError) && (
            <ProjectList projects={projects.data?.projects} />
          )}
        </section>
      </main>
    </div>
  );
}

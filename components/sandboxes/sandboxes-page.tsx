"use client";

import { useQuery } from "@tanstack/react-query";
import { Box } from "lucide-react";
import { api } from "../lib/api.ts";
import { countOf } from "../lib/format.ts";
import { useNow } from "../lib/use-now.ts";
import { SiteHeader } from "../shell/site-header.tsx";
import { EmptyState } from "../ui/empty-state.tsx";
import { Failure } from "../ui/failure.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { SandboxRow } from "./sandbox-row.tsx";

// What they use changes by the second, and nobody but this page wants to know: it asks, while it is seen.
const REFRESH_MS = 3_000;

/** All sandboxes of the engine, whoever made them. */
export function SandboxesPage() {
  const list = useQuery({
    queryKey: ["sandboxes"],
    queryFn: ({ signal }) => api.listSandboxes({ signal }),
    refetchInterval: REFRESH_MS,
    refetchOnWindowFocus: "always",
  });
  const now = useNow(10_000);
  const sandboxes = list.data?.sandboxes;
  const running = sandboxes?.filter(({ status }) => status === "running").length ?? 0;
  return (
    <div className="flex min-h-dvh flex-col">
      <SiteHeader />
      <main className="mx-auto flex w-full max-w-6xl flex-1 flex-col gap-4 px-4 py-8">
        <div>
          <h1 className="text-lg font-semibold">Sandboxes</h1>
          <p className="text-muted-foreground">
            {sandboxes
              ? `${countOf(sandboxes.length, "sandbox", "sandboxes")} on this engine, ${running} running. Programs that use the SDK share it with the studio.`
              : "All that this machine’s engine holds."}
          </p>
        </div>
        {list.isError && (
          <Failure
            title="The sandboxes could not be listed"
            error={list.error}
            onRetry={() => void list.refetch()}
          />
        )}
        {list.isPending && <Spinner className="text-muted-foreground" />}
        {sandboxes?.length === 0 && (
          <EmptyState icon={<Box />} title="There are no sandboxes" className="h-64">
            A project makes one with its first turn; your own programs make them with the SDK.
          </EmptyState>
        )}
        {sandboxes && sandboxes.length > 0 && (
          <div className="overflow-x-auto rounded-lg border bg-card shadow-card">
            <table className="w-full sm:min-w-[52rem] border-collapse text-left">
              <thead>
                <tr className="border-b text-xs text-muted-foreground [&>th]:px-3 [&>th]:py-2 [&>th]:font-medium">
                  <th scope="col">Sandbox</th>
                  <th scope="col">Status</th>
                  <th scope="col" className="max-sm:hidden">
                    Ports
                  </th>
                  <th scope="col" className="text-right max-sm:hidden">
                    Commands
                  </th>
                  <th scope="col" className="text-right max-sm:hidden">
                    Disk
                  </th>
                  <th scope="col" className="text-right max-sm:hidden">
                    CPU time
                  </th>
                  <th scope="col" className="max-sm:hidden">
                    Created
                  </th>
                  <th scope="col">
                    <span className="sr-only">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody className="divide-y">
                {sandboxes.map((sandbox) => (
                  <SandboxRow key={sandbox.sandboxId} sandbox={sandbox} now={now} />
                ))}
              </tbody>
            </table>
          </div>
        )}
      </main>
    </div>
  );
}

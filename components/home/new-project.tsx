import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { ArrowUpRight, ChartNoAxesColumn, Gamepad2, Globe, Server, Sparkle } from "lucide-react";
import { PROJECT_TYPES } from "@/studio/contract/project-types.ts";
import type { ProjectType } from "@/studio/contract/project.ts";
import { SAMPLE_PROMPTS } from "@/studio/contract/sample-prompts.ts";
import { Composer } from "../chat/composer.tsx";
import { ModelPicker, useChosenModel } from "../chat/model-picker.tsx";
import { api } from "../lib/api.ts";
import { cn } from "../lib/cn.ts";
import { leaveFirstPrompt } from "../lib/first-prompt.ts";
import { notifyFailure } from "../lib/toasts.ts";
import { useDraft } from "../lib/use-draft.ts";
import { Spinner } from "../ui/spinner.tsx";

const ICONS: Record<ProjectType, typeof Globe> = {
  website: Globe,
  game: Gamepad2,
  api: Server,
  dashboard: ChartNoAxesColumn,
  other: Sparkle,
};

interface Beginning {
  prompt: string;
  type: ProjectType;
}

/** Begins a project: with one's own words, from a kind of project, or with a sample. */
export function NewProject() {
  const router = useRouter();
  const [draft, setDraft] = useDraft("sandlot-draft-new");
  const [type, setType] = useState<ProjectType>("other");
  const [modelId, setModelId] = useState<string>();
  const model = useChosenModel(modelId);
  const text = useRef<HTMLTextAreaElement>(null);

  const begin = useMutation({
    mutationFn: async ({ prompt, type: projectType }: Beginning) => {
      const project = await api.createProject({
        type: projectType,
        ...(modelId === undefined ? {} : { modelId }),
      });
      leaveFirstPrompt(project.id, prompt);
      return project;
    },
    onSuccess: (project) => {
      setDraft("");
      router.push(`/projects/${project.id}`);
    },
    onError: (error) => notifyFailure("The project could not be begun", error),
  });
  // The project's page is wanted as soon as there is a project: its code can be here by then. The name is any.
  useEffect(() => router.prefetch("/projects/new"), [router]);
  const busy = begin.isPending || begin.isSuccess;

  function chooseType(next: ProjectType): void {
    const prompts = PROJECT_TYPES.map(({ prompt }) => prompt);
    setType(next);
    // A text of the user's own is never replaced.
    if (draft.trim() === "" || prompts.includes(draft)) {
      setDraft(PROJECT_TYPES.find((entry) => entry.type === next)?.prompt ?? "");
    }
    text.current?.focus();
  }

  return (
    <>
      <Composer
        draft={draft}
        onDraftChange={setDraft}
        onSend={(prompt) => begin.mutate({ prompt, type })}
        disabled={busy}
        placeholder="A website for my bakery, with today’s bread and how to find us …"
        textRef={text}
      >
        <ModelPicker modelId={modelId} onChange={setModelId} />
        {busy && (
          <span role="status" className="flex items-center gap-1.5 text-xs text-muted-foreground">
            <Spinner />
            Opening the project …
          </span>
        )}
      </Composer>
      <div
        role="group"
        aria-label="Starting points"
        className="mt-3 flex flex-wrap justify-center gap-1.5"
      >
        {PROJECT_TYPES.map((entry) => {
          const Icon = ICONS[entry.type];
          return (
            <button
              key={entry.type}
              type="button"
              aria-pressed={entry.type === type}
              title={entry.description}
              onClick={() => chooseType(entry.type)}
              className={cn(
                "flex h-7 items-center gap-1.5 rounded-full border bg-card px-3 text-xs font-medium text-muted-foreground transition-colors hover:text-foreground",
                entry.type === type && "border-primary/40 bg-primary-soft text-foreground",
              )}
            >
              <Icon aria-hidden className="size-3.5" />
              {entry.title}
            </button>
          );
        })}
      </div>
      {model?.kind === "demo" && (
        <p className="mt-5 text-center text-xs text-balance text-muted-foreground">
          No model is connected, so the built-in demo answers. It is a script and no AI: it builds
          the three samples below, for real.
        </p>
      )}
      <ul aria-label="Samples" className="mt-5 grid gap-2 sm:grid-cols-3">
        {SAMPLE_PROMPTS.map(({ id, title, description, prompt, projectType }) => (
          <li key={id}>
            <button
              type="button"
              disabled={busy}
              onClick={() => begin.mutate({ prompt, type: projectType })}
              className="group flex h-full w-full flex-col gap-1 rounded-lg border bg-card p-3 text-left shadow-card transition-colors hover:border-input hover:bg-accent/50 disabled:opacity-60"
            >
              <span className="flex w-full items-start gap-2 font-medium">
                <span className="flex-1">{title}</span>
                <ArrowUpRight
                  aria-hidden
                  className="size-4 shrink-0 text-muted-foreground transition-colors group-hover:text-primary"
                />
              </span>
              <span className="text-xs text-muted-foreground">{description}</span>
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

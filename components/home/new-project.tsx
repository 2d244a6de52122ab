import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { useMutation } from "@tanstack/react-query";
import { PROJECT_TYPES } from "@/studio/contract/project-types.ts";
import type { ProjectType } from "@/studio/contract/project.ts";
import { Composer } from "../chat/composer.tsx";
import { ModelPicker, useChosenModel } from "../chat/model-picker.tsx";
import { Samples } from "../chat/samples.tsx";
import { api } from "../lib/api.ts";
import { leaveFirstPrompt } from "../lib/first-prompt.ts";
import { notifyFailure } from "../lib/toasts.ts";
import { useDraft } from "../lib/use-draft.ts";
import { Spinner } from "../ui/spinner.tsx";
import { ProjectTypes } from "./project-types.tsx";

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
  // The project's page is wanted as soon as there is a project: its code, which is much, can be here by then.
  useEffect(() => {
    // The name is any.
    router.prefetch("/projects/new");
    // A code that cannot be had now is asked for again by the page itself.
    import("../project/project-page.tsx").catch(() => {});
  }, [router]);
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
      <ProjectTypes chosen={type} onChoose={chooseType} />
      {/* There from the start, so that the samples do not jump when the models are known. */}
      <p className="mt-5 min-h-4 text-center text-xs text-balance text-muted-foreground">
        {model?.kind === "demo"
          ? "No model is connected, so the built-in demo answers. It is a script and no AI: it builds the three samples below, for real."
          : "Or begin with one of these."}
      </p>
      <Samples
        className="mt-3"
        disabled={busy}
        onPick={({ prompt, projectType }) => begin.mutate({ prompt, type: projectType })}
      />
    </>
  );
}

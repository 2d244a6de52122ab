import { Wrench } from "lucide-react";
import { draftKeyOf, useDraft } from "../lib/use-draft.ts";
import { useProject } from "../project/project-store.ts";
import { Button } from "../ui/button.tsx";

/** Writes what went wrong into the message to the agent, to be looked at and sent. What was written there stays. */
export function AskToFix({ problem }: { problem: string }) {
  const projectId = useProject((state) => state.project.id);
  const show = useProject((state) => state.show);
  const [draft, setDraft] = useDraft(draftKeyOf(projectId));
  return (
    <Button
      onClick={() => {
        const before = draft.trim() === "" ? "" : `${draft.trimEnd()}\n\n`;
        setDraft(`${before}Please fix this:\n\n${problem}`);
        show("chat");
        document.querySelector<HTMLElement>("#chat textarea")?.focus();
      }}
    >
      <Wrench />
      Ask the agent to fix it
    </Button>
  );
}

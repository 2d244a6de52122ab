import { flushSync } from "react-dom";
import { Wrench } from "lucide-react";
import { FIX_REQUEST } from "@/studio/contract/fix-request.ts";
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
        setDraft(`${before}${FIX_REQUEST}\n\n${problem}`);
        // A phone shows the chat only from then on, and what is not shown takes no focus.
        flushSync(() => show("chat"));
        document.querySelector<HTMLElement>("#chat textarea")?.focus();
      }}
    >
      <Wrench />
      Ask the agent to fix it
    </Button>
  );
}

import { Play } from "lucide-react";
import { Button } from "../ui/button.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { useSandboxActions } from "./use-sandbox-actions.ts";

/** Starts a stopped sandbox again; its files are as they were. */
export function ResumeButton({ sandboxId }: { sandboxId: string }) {
  const { act, busy } = useSandboxActions(sandboxId);
  return (
    <Button variant="primary" disabled={busy} onClick={() => act("resume")}>
      {busy ? <Spinner /> : <Play />}
      Start the sandbox
    </Button>
  );
}

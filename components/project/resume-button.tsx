import { useMutation } from "@tanstack/react-query";
import { Play } from "lucide-react";
import { api } from "../lib/api.ts";
import { notifyFailure } from "../lib/toasts.ts";
import { Button } from "../ui/button.tsx";
import { Spinner } from "../ui/spinner.tsx";

/** Starts a stopped sandbox again; its files are as they were. */
export function ResumeButton({ sandboxId }: { sandboxId: string }) {
  const resume = useMutation({
    mutationFn: () => api.actOnSandbox(sandboxId, { action: "resume" }),
    onError: (error) => notifyFailure("The sandbox could not be started", error),
  });
  return (
    <Button variant="primary" disabled={resume.isPending} onClick={() => resume.mutate()}>
      {resume.isPending ? <Spinner /> : <Play />}
      Start the sandbox
    </Button>
  );
}

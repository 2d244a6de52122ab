import Link from "next/link";
import { Box, CirclePause, Play } from "lucide-react";
import type { SandboxSummary } from "@/studio/contract/sandbox.ts";
import { SANDBOX_STATES } from "../sandboxes/sandbox-states.ts";
import { useSandboxActions } from "../sandboxes/use-sandbox-actions.ts";
import { Button } from "../ui/button.tsx";
import { Menu, MenuItem, MenuSeparator } from "../ui/menu.tsx";
import { StatusDot } from "../ui/status-dot.tsx";
import { useProject } from "./project-store.ts";

/** The state of the project's sandbox, and what can be done with it. Nothing, while there is none. */
export function SandboxChip() {
  const sandbox = useProject((state) => state.sandbox);
  return sandbox && <Chip sandbox={sandbox} />;
}

function Chip({ sandbox: { sandboxId, status } }: { sandbox: SandboxSummary }) {
  const { act, busy } = useSandboxActions(sandboxId);
  const { word, tone } = SANDBOX_STATES[status];
  return (
    <Menu
      trigger={
        <Button variant="ghost" aria-label={`Sandbox: ${word}`}>
          <StatusDot tone={busy ? "busy" : tone} />
          <span className="max-sm:hidden">{word}</span>
        </Button>
      }
    >
      <p className="max-w-64 truncate px-2 py-1 font-mono text-2xs text-muted-foreground">
        {sandboxId}
      </p>
      <MenuSeparator />
      {status === "running" ? (
        <MenuItem disabled={busy} onSelect={() => act("stop")}>
          <CirclePause />
          Stop, and keep the files
        </MenuItem>
      ) : (
        <MenuItem disabled={busy || tone === "busy"} onSelect={() => act("resume")}>
          <Play />
          Start again
        </MenuItem>
      )}
      <MenuItem asChild>
        <Link href="/sandboxes">
          <Box />
          All sandboxes
        </Link>
      </MenuItem>
    </Menu>
  );
}

import Link from "next/link";
import { useState } from "react";
import { Camera, CirclePause, Ellipsis, GitFork, Play, Trash2 } from "lucide-react";
import type { SandboxSummary } from "@/studio/contract/sandbox.ts";
import { formatAgo, formatBytes, formatDuration } from "../lib/format.ts";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { IconButton } from "../ui/icon-button.tsx";
import { Menu, MenuItem, MenuSeparator } from "../ui/menu.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { StatusDot } from "../ui/status-dot.tsx";
import { SANDBOX_STATES } from "./sandbox-states.ts";
import { useSandboxActions } from "./use-sandbox-actions.ts";

/** One sandbox in the list: how it is, what it uses, what can be done. */
export function SandboxRow({ sandbox, now }: { sandbox: SandboxSummary; now: number }) {
  const [asked, setAsked] = useState(false);
  const { sandboxId, status, ports, project, createdAt, expiresAt } = sandbox;
  const { runningCommands, diskBytes, cpuMs } = sandbox;
  const { act, remove, busy } = useSandboxActions(sandboxId);
  const { word, tone } = SANDBOX_STATES[status];
  const running = status === "running";
  return (
    <tr className="[&>td]:px-3 [&>td]:py-2 [&>td]:align-top">
      <td>
        <span
          className="block max-w-56 truncate max-sm:max-w-32 font-mono text-xs"
          title={sandboxId}
        >
          {sandboxId}
        </span>
        {project && (
          <Link
            href={`/projects/${project.id}`}
            className="block max-w-56 truncate max-sm:max-w-32 text-xs text-muted-foreground underline-offset-2 hover:text-foreground hover:underline"
          >
            {project.name}
          </Link>
        )}
      </td>
      <td>
        <span className="flex items-center gap-1.5 whitespace-nowrap">
          <StatusDot tone={busy ? "busy" : tone} />
          {word}
        </span>
        {running && expiresAt !== undefined && expiresAt > now && (
          <span className="block text-xs whitespace-nowrap text-muted-foreground">
            for {formatDuration(expiresAt - now)} more
          </span>
        )}
      </td>
      {/* A phone has room for its name, its state and what can be done. */}
      <td className="max-sm:hidden">
        <span className="flex max-w-44 flex-wrap gap-x-2 text-xs">
          {ports.map(({ port, url }) => (
            <a
              key={port}
              href={url}
              target="_blank"
              rel="noreferrer"
              className="underline underline-offset-2 hover:text-primary"
            >
              {port}
            </a>
          ))}
          {ports.length === 0 && <span className="text-muted-foreground">–</span>}
        </span>
      </td>
      <Figure>{running ? runningCommands : undefined}</Figure>
      <Figure>{diskBytes === undefined ? undefined : formatBytes(diskBytes)}</Figure>
      <Figure>{cpuMs === undefined ? undefined : formatDuration(cpuMs)}</Figure>
      <td className="text-xs whitespace-nowrap text-muted-foreground max-sm:hidden">
        {formatAgo(createdAt, now)}
      </td>
      <td className="w-10">
        <Menu
          trigger={
            <IconButton label={`Actions for ${sandboxId}`} disabled={busy}>
              {busy ? <Spinner /> : <Ellipsis />}
            </IconButton>
          }
        >
          {running ? (
            <MenuItem onSelect={() => act("stop")}>
              <CirclePause />
              Stop
            </MenuItem>
          ) : (
            <MenuItem disabled={tone === "busy"} onSelect={() => act("resume")}>
              <Play />
              Resume
            </MenuItem>
          )}
          <MenuItem disabled={!running} onSelect={() => act("snapshot")}>
            <Camera />
            Take a snapshot
          </MenuItem>
          <MenuItem onSelect={() => act("fork")}>
            <GitFork />
            Fork
          </MenuItem>
          <MenuSeparator />
          <MenuItem danger onSelect={() => setAsked(true)}>
            <Trash2 />
            Delete
          </MenuItem>
        </Menu>
        <ConfirmDialog
          open={asked}
          onOpenChange={setAsked}
          title="Delete this sandbox?"
          description={
            project
              ? `${sandboxId} belongs to “${project.name}”. Its files are deleted; the project keeps its conversation and gets a new sandbox with its next turn.`
              : `${sandboxId} and all files in it are deleted.`
          }
          action="Delete"
          busy={busy}
          onConfirm={() => {
            setAsked(false);
            remove();
          }}
        />
      </td>
    </tr>
  );
}

function Figure({ children }: { children: string | number | undefined }) {
  return (
    <td className="text-right text-xs whitespace-nowrap tabular-nums max-sm:hidden">
      {children ?? <span className="text-muted-foreground">–</span>}
    </td>
  );
}

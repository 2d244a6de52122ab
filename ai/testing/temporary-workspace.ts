import { randomUUID } from "node:crypto";
import type { AgentWorkspace, StartedCommand, ToolRun } from "../../studio/contract/agent.ts";
import { PROJECT_PORTS } from "../../studio/contract/limits.ts";

/** A workspace that notes what tools told it. */
export interface NotedWorkspace extends AgentWorkspace {
  readonly created: string[];
  readonly started: StartedCommand[];
  readonly ended: { commandId: string; exitCode: number | null }[];
  readonly changed: string[];
  readonly expected: number[];
  readonly runs: ToolRun[];
}

/** A project without a sandbox; the tools make one under a name of its own. */
export function temporaryWorkspace({ sandboxId }: { sandboxId?: string } = {}): NotedWorkspace {
  let current = sandboxId;
  const workspace: NotedWorkspace = {
    created: [],
    started: [],
    ended: [],
    changed: [],
    expected: [],
    runs: [],
    sandboxId: () => current,
    newSandbox: {
      name: `test-${randomUUID()}`,
      ports: [...PROJECT_PORTS],
      timeout: 30 * 60 * 1_000,
      tags: { studio: "test" },
    },
    sandboxCreated(id) {
      current = id;
      workspace.created.push(id);
    },
    commandStarted: (command) => workspace.started.push(command),
    commandEnded: ({ commandId, exitCode }) => workspace.ended.push({ commandId, exitCode }),
    filesChanged: (paths) => workspace.changed.push(...paths),
    runStarted: (run) => workspace.runs.push(run),
    portExpected: (port) => workspace.expected.push(port),
  };
  return workspace;
}

import type { Sandbox } from "sandlot";
import type { CommandSummary } from "../../contract/command.ts";
import { type ListedCommand, listSessionCommands } from "../sandboxes/engine-calls.ts";
import { sessionIdsOf } from "../sandboxes/list-sessions.ts";
import { isErrand } from "../sandboxes/run-quietly.ts";
import type { CommandRecords } from "./command-records.ts";

// More than a person goes through; what was started in between is not left out.
const MOST = 100;

/**
 * The newest commands of a sandbox, the last one first, also those of the time before it was last stopped: those that the
 * studio started, with what it knows of them, and those of other programs. The studio's own errands are left out.
 */
export async function listCommands(
  sandbox: Sandbox,
  records: CommandRecords,
): Promise<CommandSummary[]> {
  const known = new Map(records.ofSandbox(sandbox.name).map((each) => [each.cmdId, each]));
  const listed: ListedCommand[] = [];
  for (const sessionId of await sessionIdsOf(sandbox)) {
    const commands = await listSessionCommands(sessionId);
    listed.push(...commands.filter((each) => !isErrand(each)));
    if (listed.length >= MOST) break;
  }
  if (listed.length === 0) return [...known.values()];
  return listed
    .map((each) => merge(each, known.get(each.id)))
    .sort((a, b) => b.startedAt - a.startedAt)
    .slice(0, MOST);
}

function merge(listed: ListedCommand, known: CommandSummary | undefined): CommandSummary {
  const { id, name, args, cwd, startedAt, exitCode, durationMs } = listed;
  return {
    cmdId: id,
    command: known?.command ?? [name, ...args].join(" "),
    cwd,
    startedAt,
    exitCode,
    ...(durationMs !== undefined && { durationMs: Math.round(durationMs) }),
    background: known?.background ?? false,
    source: known?.source ?? "other",
  };
}

import type { Sandbox } from "sandlot";
import type { CommandSummary } from "../../contract/command.ts";
import { type ListedCommand, listSessionCommands } from "../sandboxes/engine-calls.ts";
import { isErrand } from "../sandboxes/run-quietly.ts";
import type { CommandRecords } from "./command-records.ts";

/**
 * The commands of a sandbox's latest session, newest first: those that the studio started, with what it knows of
 * them, and those of other programs. The studio's own errands are left out.
 */
export async function listCommands(
  sandbox: Sandbox,
  records: CommandRecords,
): Promise<CommandSummary[]> {
  const known = new Map(records.ofSandbox(sandbox.name).map((each) => [each.cmdId, each]));
  const listed = await listSessionCommands(sandbox.currentSession().sessionId);
  if (listed.length === 0) return [...known.values()];
  return listed
    .filter((each) => !isErrand(each))
    .map((each) => merge(each, known.get(each.id)))
    .sort((a, b) => b.startedAt - a.startedAt);
}

function merge(listed: ListedCommand, known: CommandSummary | undefined): CommandSummary {
  const { id, name, args, cwd, startedAt, exitCode = null, durationMs } = listed;
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

import { SandboxError } from "../contract/errors.ts";
import { askDaemon, isNobodyThere } from "./ask-daemon.ts";
import { readHolder } from "./engine-holder.ts";
import { errorFrom } from "./fault-answer.ts";
import { type ShutdownRequest, StatusAnswer } from "./host-answers.ts";
import { withoutSqliteWarning } from "./quiet-sqlite.ts";
import type { Settings } from "./settings.ts";
import { stateFolder } from "./state-folder.ts";

// Stopping sandboxes takes their grace time; ending takes next to nothing.
const END_PATIENCE_MS = 30_000;

/** The daemon of a state folder, of whatever version; undefined when none runs. */
export async function daemonStatus(settings: Settings): Promise<StatusAnswer | undefined> {
  const socket = readHolder(stateFolder(settings.home).holder)?.socketPath;
  if (socket === undefined) return undefined;
  try {
    const { status, json } = await askDaemon(socket, { method: "GET", path: "/sandlot/status" });
    return status === 200 ? StatusAnswer.parse(json) : undefined;
  } catch (error) {
    if (isNobodyThere(error)) return undefined;
    throw error;
  }
}

/**
 * Ends the daemon of a state folder and waits until it is gone. Gives false when none ran. Commands go on
 * running, and the next daemon takes them over, unless `stopSandboxes` is asked for.
 */
export async function stopDaemon(
  settings: Settings,
  request: Pick<ShutdownRequest, "stopSandboxes"> = {},
): Promise<boolean> {
  const folder = stateFolder(settings.home);
  const socket = readHolder(folder.holder)?.socketPath;
  if (socket === undefined) return false;
  try {
    const answer = await askDaemon(socket, {
      method: "POST",
      path: "/sandlot/shutdown",
      body: request,
    });
    if (answer.status !== 200 && answer.status !== 503) throw refused(answer.json);
  } catch (error) {
    if (isNobodyThere(error)) return false;
    throw error;
  }
  // Its lock goes when the process goes.
  const { acquireExclusiveLock } = await withoutSqliteWarning(
    () => import("../backends/lock/exclusive-lock.ts"),
  );
  const lock = acquireExclusiveLock(folder.engineLock, { waitMs: END_PATIENCE_MS });
  if (!lock) {
    throw new SandboxError(
      "engine_unavailable",
      `The daemon did not end within ${END_PATIENCE_MS / 1_000} seconds. Its log is ${folder.log}.`,
    );
  }
  lock[Symbol.dispose]();
  return true;
}

function refused(json: unknown): SandboxError {
  const error = { code: "engine_unavailable", message: "The daemon refused to end." };
  if (typeof json !== "object" || json === null || !("error" in json)) return errorFrom(error);
  return errorFrom({ ...error, ...(json.error as object) });
}

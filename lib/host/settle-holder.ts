import { SandboxError } from "../contract/errors.ts";
import { askDaemon, askVersion } from "./ask-daemon.ts";
import { readHolder } from "./engine-holder.ts";
import { stateFolder } from "./state-folder.ts";

/** Who was found in a state folder, and what came of it. */
export type Settled =
  | { kind: "nobody" }
  /** An engine that no socket leads to. */
  | { kind: "embedded" }
  | { kind: "same"; socketPath: string }
  | { kind: "replaced"; version: string }
  | { kind: "busy"; version: string; pid: number };

/**
 * Looks for the engine that uses the folder. A daemon of another version is asked to make room, which it
 * does if it is idle; its lock is free a moment later. Throws `engine_unavailable` for one that is deaf.
 */
export async function settleHolder(
  home: string,
  own: { version: string; protocol: number },
): Promise<Settled> {
  const holder = readHolder(stateFolder(home).holder);
  if (holder?.kind === "embedded") return { kind: "embedded" };
  if (holder?.socketPath === undefined) return { kind: "nobody" };
  const found = await askVersion(holder.socketPath);
  if (!found) return { kind: "nobody" };
  const { version, protocol, pid } = found;
  if (version === own.version && protocol === own.protocol) {
    return { kind: "same", socketPath: holder.socketPath };
  }
  const { status } = await askDaemon(holder.socketPath, {
    method: "POST",
    path: "/sandlot/shutdown",
    body: { ifIdle: true },
  });
  if (status === 200 || status === 503) return { kind: "replaced", version };
  if (status === 409) return { kind: "busy", version, pid };
  throw new SandboxError(
    "engine_unavailable",
    `The Sandlot daemon of version ${version} (process ${pid}) was asked to make room for version ${own.version} and answered with status ${status}. End that process and try again.`,
  );
}

import { statSync } from "node:fs";
import { SandboxError } from "../../../contract/errors.ts";
import { resolveConfined } from "../confined-path.ts";
import { findExecutable } from "../find-executable.ts";
import type { RecordedCommand } from "../recorder-script.ts";
import type { PathMap } from "./path-map.ts";
import { commandEnvironment } from "./session-environment.ts";

/** What a command and a terminal have in common. */
export interface LaunchSpec {
  cmd: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
  sudo: boolean;
  user?: string | undefined;
}

export interface LaunchContext {
  sessionId: string;
  commandId: string;
  map: PathMap;
  env: Readonly<Record<string, string>>;
  ports: Readonly<Record<string, string>>;
}

/**
 * Turns what was asked for in the sandbox's words into what the host can start.
 * Throws `executable_not_found`, `directory_not_found`.
 */
export async function prepareLaunch(
  spec: LaunchSpec,
  { sessionId, commandId, map, ...context }: LaunchContext,
): Promise<Pick<RecordedCommand, "sessionId" | "commandId" | "cmd" | "args" | "env" | "cwd">> {
  const cwd = await findDirectory(spec.cwd, map);
  const env = commandEnvironment(context.env, { ports: context.ports, env: spec.env, commandId });
  const cmd = map.toHostArgument(spec.cmd);
  const executable = findExecutable(cmd, { path: env["PATH"] ?? "", cwd });
  return {
    sessionId,
    commandId,
    // A name that looks like an option must not be taken for one of `exec`.
    cmd: cmd.startsWith("-") ? executable : cmd,
    args: spec.args.map((argument) => map.toHostArgument(argument)),
    env,
    cwd,
  };
}

async function findDirectory(path: string, map: PathMap): Promise<string> {
  const direct = map.toHost(path);
  if (isDirectory(direct)) return direct;
  // By a link whose target is a path of the sandbox's.
  const resolved = await resolveConfined(map, path).catch(() => undefined);
  if (resolved?.stats?.isDirectory()) return resolved.hostPath;
  throw new SandboxError(
    "directory_not_found",
    `The working directory "${path}" does not exist in the sandbox. Make it first, or leave it out.`,
  );
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

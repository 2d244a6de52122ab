import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { sealed } from "../inherited-descriptors.ts";
import {
  directArguments,
  instruction,
  type RecordedCommand,
  shellVariables,
  waitingScript,
} from "../recorder-script.ts";
import type { Recordable, RecorderLauncher } from "../recorders.ts";

export interface PlainLauncherOptions {
  sessionId: string;
  /** A directory of the host's that lives as long as the session. */
  directory: string;
  /** The variables that most commands of the session share. */
  env: Readonly<Record<string, string>>;
}

/** A command, and where what becomes of it is kept. */
export interface PlainCommand extends RecordedCommand, Recordable {}

/** Recorders that are plain processes of the host's. */
export function plainLauncher({
  sessionId,
  directory,
  env,
}: PlainLauncherOptions): RecorderLauncher<PlainCommand> {
  return {
    wait() {
      const child = spawn("/bin/sh", ["-c", waitingScript(sessionId)], {
        cwd: directory,
        env: shellVariables(env),
        detached: true,
        stdio: sealed(["pipe", "ignore", "ignore"]),
      });
      return {
        child,
        instruct(command) {
          const line = instruction(command, env);
          if (!line) return "unfit";
          makeLogs(command.directory);
          command.logsReady?.();
          child.stdin?.end(line);
          return "taken";
        },
      };
    },
    launch(command) {
      makeLogs(command.directory);
      command.logsReady?.();
      return spawn("/bin/sh", directArguments(command), {
        cwd: directory,
        env: shellVariables(command.env),
        detached: true,
        stdio: sealed(["ignore", "ignore", "ignore", command.stdin ? "pipe" : "ignore"]),
      });
    },
  };
}

// Whoever follows the command opens them as soon as `start` returns, perhaps before the recorder does.
function makeLogs(directory: string): void {
  for (const name of ["stdout", "stderr"]) closeSync(openSync(join(directory, name), "a", 0o600));
}

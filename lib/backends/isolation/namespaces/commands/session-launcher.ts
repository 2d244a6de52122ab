import { type ChildProcess, spawn } from "node:child_process";
import {
  closeSync,
  fchmodSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { randomText } from "../../../../std/ids.ts";
import { sealed } from "../../inherited-descriptors.ts";
import { childrenOf } from "../../process-table.ts";
import { shellVariables } from "../../recorder-script.ts";
import type { Recordable, RecorderLauncher } from "../../recorders.ts";
import type { IdMap } from "../machine/id-map.ts";
import type { SessionLimits } from "../limits/limiter.ts";
import { HOST_ENVIRONMENT } from "../session/session-programs.ts";
import { enterSession, type Identity } from "./enter-session.ts";
import {
  directArguments,
  type EnteredCommand,
  instruction,
  waitingArguments,
} from "./entered-script.ts";

/** A command of a session with namespaces, and where the host keeps what becomes of it. */
export interface SessionCommand extends EnteredCommand, Recordable {
  identity: Identity;
}

export interface SessionLauncherOptions {
  sessionId: string;
  /** Host pid of the session's first process. */
  init: number;
  ids: IdMap;
  /** The variables that most commands of the session share. */
  env: Readonly<Record<string, string>>;
  times: string;
  limits: Pick<SessionLimits, "joinFiles" | "shellLimits">;
  /** An existing directory on the file system of the commands' own ones, for those that are yet to come. */
  waitingDirectory: string;
}

/**
 * Recorders outside of the session whose commands are inside. The one that waits has entered already,
 * with its logs open: its directory takes the place of the command's own.
 */
export function sessionLauncher(options: SessionLauncherOptions): RecorderLauncher<SessionCommand> {
  const { init, ids, env, sessionId, times, limits, waitingDirectory } = options;
  const outer = (identity: Identity) => ({
    sessionId,
    init,
    times,
    limits,
    enter: enterSession(init, { ids, identity }),
  });
  // With the session's own variables, so that nothing has to be started to exchange them inside; but the
  // programs that lead there are looked up where the host's are.
  const base = shellVariables({ ...env, PATH: HOST_ENVIRONMENT.PATH });
  const makeDirectory = () => {
    const directory = join(waitingDirectory, randomText(12));
    mkdirSync(directory, { mode: 0o700 });
    return directory;
  };
  // Commands' directories that others took the place of: the next ones that wait.
  const emptied: string[] = [];
  return {
    chain: (recorder) => {
      const inside = childrenOf(recorder);
      return [recorder, ...inside, ...inside.flatMap(childrenOf)];
    },
    wait() {
      const directory = emptied.pop() ?? makeDirectory();
      makeLogs(directory);
      const groups = groupsStamp(init);
      const child = start(waitingArguments(outer("default-user")), {
        directory,
        env: base,
        stdin: "wait",
      });
      return {
        child,
        instruct(command) {
          // Who belongs to which group was looked up when it entered.
          if (groups !== groupsStamp(init)) return "stale";
          if (command.identity !== "default-user") return "unfit";
          const line = instruction(command, base);
          if (!line || !isEmptied(command.directory)) return "unfit";
          const aside = join(waitingDirectory, randomText(12));
          renameSync(command.directory, aside);
          renameSync(directory, command.directory);
          emptied.push(aside);
          command.logsReady?.();
          child.stdin?.end(line);
          return "taken";
        },
      };
    },
    launch(command) {
      makeLogs(command.directory);
      command.logsReady?.();
      return start(directArguments(outer(command.identity), command), {
        directory: command.directory,
        env: HOST_ENVIRONMENT,
        stdin: command.stdin ? "pipe" : "none",
      });
    },
  };
}

interface StartOptions {
  directory: string;
  env: Readonly<Record<string, string>>;
  stdin: "wait" | "pipe" | "none";
}

function start(args: string[], { directory, env, stdin }: StartOptions): ChildProcess {
  return spawn("/bin/sh", args, {
    cwd: directory,
    env,
    detached: true,
    stdio: sealed([
      stdin === "wait" ? "pipe" : "ignore",
      "ignore",
      "ignore",
      stdin === "pipe" ? "pipe" : "ignore",
    ]),
  });
}

// A command that opens /dev/stderr by name needs the right to write, as whoever it is inside; the
// directory keeps everybody else away.
function makeLogs(directory: string): void {
  for (const name of ["stdout", "stderr"]) {
    const file = openSync(join(directory, name), "a", 0o622);
    fchmodSync(file, 0o622);
    closeSync(file);
  }
}

/** Whether nobody has written anything into the directory, whatever files are ready in it. */
function isEmptied(directory: string): boolean {
  return readdirSync(directory).every((name) => statSync(join(directory, name)).size === 0);
}

/** Changes with the sandbox's groups. Only this is looked at, never what is in the file. */
function groupsStamp(init: number): string {
  const stats = statSync(`/proc/${init}/root/etc/group`, { throwIfNoEntry: false, bigint: true });
  return stats ? `${stats.ino} ${stats.mtimeNs} ${stats.size}` : "";
}

import { constants } from "node:os";
import type { Command, CommandRequest } from "../../contract/command.ts";
import type { CommandOutputs } from "./command-outputs.ts";
import { startedCommand } from "./command-record.ts";
import { CommandSignals } from "./command-signals.ts";
import { identityOf } from "./command-user.ts";
import type { LiveSession } from "../sessions/live-sessions.ts";
import type { OutputFollower } from "./output-follower.ts";
import type { Clock, Process } from "../ports.ts";
import { resolvePath } from "../resolve-path.ts";

const { SIGKILL } = constants.signals;

export interface LaunchedCommand {
  command: Command;
  process: Process;
  follower: OutputFollower;
  signals: CommandSignals;
}

/**
 * Starts a command whose output is followed from its first byte. `record` makes it known: what is not recorded has
 * not been started, so that nothing of it is left when any of it fails.
 */
export async function launchCommand(
  live: LiveSession,
  request: CommandRequest,
  options: { outputs: CommandOutputs; clock: Clock; record: (command: Command) => void },
): Promise<LaunchedCommand> {
  const { outputs, clock, record } = options;
  const cwd = resolvePath(live.session.cwd, request.cwd);
  const id = await outputs.next();
  const signals = new CommandSignals();
  const opened: { follower?: OutputFollower } = {};
  let process: Process | undefined;
  try {
    process = await live.root.start({
      commandId: id,
      cmd: request.cmd,
      args: request.args,
      env: { ...live.env, ...request.env },
      cwd,
      ...identityOf(request, live.user),
      stdin: request.attachStdin,
      directory: outputs.directoryOf(id),
      // Before the command runs, so that nothing it writes goes unseen.
      logsReady: () => {
        opened.follower = outputs.follow(id, signals);
      },
    });
    const follower = (opened.follower ??= outputs.follow(id, signals));
    signals.connect(process);
    const pid = request.tellPid ? await process.findPid() : undefined;
    // It may have slipped in while everything in the session was being ended.
    live.ending.throwIfAborted();
    const { handle } = process;
    const command = startedCommand(live, request, { id, cwd, startedAt: clock.now(), handle, pid });
    record(command);
    return { command, process, follower, signals };
  } catch (error) {
    await process?.signal(SIGKILL);
    await process?.exited;
    opened.follower?.[Symbol.dispose]();
    await outputs.delete(id);
    throw error;
  }
}

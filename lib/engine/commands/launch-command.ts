import { constants } from "node:os";
import type { Command, CommandRequest } from "../../contract/command.ts";
import type { CommandOutputs } from "./command-outputs.ts";
import { startedCommand } from "./command-record.ts";
import { CommandSignals } from "./command-signals.ts";
import { identityOf } from "./command-user.ts";
import type { LiveSession } from "../sessions/live-sessions.ts";
import type { OutputFollower } from "./output-follower.ts";
import type { Clock, Process, ProcessSpec, Root } from "../ports.ts";
import { resolvePath } from "../resolve-path.ts";

const { SIGKILL } = constants.signals;

export interface LaunchedProcess {
  id: string;
  process: Process;
  follower: OutputFollower;
  signals: CommandSignals;
}

export interface LaunchedCommand extends Omit<LaunchedProcess, "id"> {
  command: Command;
}

/** Starts a process whose output is followed from its first byte. Nothing of it is left when it throws. */
export async function launchProcess(
  root: Root,
  spec: Omit<ProcessSpec, "commandId" | "directory" | "logsReady">,
  outputs: CommandOutputs,
): Promise<LaunchedProcess> {
  const id = await outputs.next();
  const signals = new CommandSignals();
  const begun: { process?: Process; follower?: OutputFollower } = {};
  try {
    const process = await root.start({
      ...spec,
      commandId: id,
      directory: outputs.directoryOf(id),
      // Before the command runs, so that nothing it writes goes unseen.
      logsReady: () => {
        begun.follower = outputs.follow(id, signals);
      },
    });
    begun.process = process;
    const follower = (begun.follower ??= outputs.follow(id, signals));
    signals.connect(process);
    return { id, process, follower, signals };
  } catch (error) {
    await undoLaunch({ id, ...begun }, outputs);
    throw error;
  }
}

/**
 * Starts a session's command. `record` makes it known: what is not recorded has not been started, so that nothing of
 * it is left when any of it fails.
 */
export async function launchCommand(
  live: LiveSession,
  request: CommandRequest,
  options: { outputs: CommandOutputs; clock: Clock; record: (command: Command) => void },
): Promise<LaunchedCommand> {
  const { outputs, clock, record } = options;
  const cwd = resolvePath(live.session.cwd, request.cwd);
  const spec = {
    cmd: request.cmd,
    args: request.args,
    env: { ...live.env, ...request.env },
    cwd,
    ...identityOf(request, live.user),
    stdin: request.attachStdin,
  };
  const { id, ...launched } = await launchProcess(live.root, spec, outputs);
  const { process } = launched;
  try {
    const pid = request.tellPid ? await process.findPid() : undefined;
    // It may have slipped in while everything in the session was being ended.
    live.ending.throwIfAborted();
    const { handle } = process;
    const command = startedCommand(live, request, { id, cwd, startedAt: clock.now(), handle, pid });
    record(command);
    return { command, ...launched };
  } catch (error) {
    await undoLaunch({ id, ...launched }, outputs);
    throw error;
  }
}

async function undoLaunch(
  { id, process, follower }: { id: string; process?: Process; follower?: OutputFollower },
  outputs: CommandOutputs,
): Promise<void> {
  await process?.signal(SIGKILL);
  await process?.exited;
  follower?.[Symbol.dispose]();
  await outputs.delete(id);
}

import { Command, type CommandRequest } from "../../contract/command.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";
import { identityOf } from "./command-user.ts";
import type { LiveSession } from "../sessions/live-sessions.ts";
import type { Exit, Json } from "../ports.ts";

/** What is recorded when a command ended and nobody is left who knows how. */
const LOST_EXIT_CODE = 255;

/** The record of a command that runs. */
export function startedCommand(
  { session, sandbox, user }: LiveSession,
  { cmd, args, timeoutMs, ...request }: CommandRequest,
  process: {
    id: string;
    cwd: string;
    startedAt: number;
    handle: Json;
    pid: number | undefined;
  },
): Command {
  return Command.parse(
    withoutUndefined({
      id: process.id,
      sessionId: session.id,
      sandboxName: sandbox.name,
      cmd,
      args,
      cwd: process.cwd,
      ...identityOf(request, user),
      pid: process.pid,
      timeoutMs,
      startedAt: process.startedAt,
      exitCode: null,
      process: process.handle,
    }),
  );
}

/** The record of a command that has ended. When nobody saw when, there is no duration. */
export function endedCommand(command: Command, exit?: Exit, endedAt?: number): Command {
  const { process: _process, ...record } = command;
  const lost = !exit || exit.lost;
  return {
    ...record,
    exitCode: lost ? LOST_EXIT_CODE : exit.exitCode,
    ...(lost && { lost }),
    ...(endedAt !== undefined && {
      durationMs: Math.max(0, Math.round(endedAt - command.startedAt)),
    }),
  };
}

import { SandboxError } from "../../contract/errors.ts";
import { LIMITS } from "../../contract/limits.ts";
import type { Sandbox } from "../../contract/sandbox.ts";
import { messageOf } from "../../std/message-of.ts";
import type { Commands, Waiting } from "../engine.ts";
import type { Log } from "../ports.ts";

const SIGKILL = 9;

export interface LaunchRequest extends Waiting {
  sandbox: Sandbox;
  sessionId: string;
}

export interface LauncherOptions {
  commands: Pick<Commands, "start" | "wait" | "kill">;
  log: Log;
}

/** What a template starts in each new session of a sandbox. */
export class TemplateLauncher {
  readonly #commands: LauncherOptions["commands"];
  readonly #log: Log;

  constructor({ commands, log }: LauncherOptions) {
    this.#commands = commands;
    this.#log = log;
  }

  /** The same for a session that goes on from files of the sandbox's own: they are worth having either way. */
  async relaunch(request: LaunchRequest): Promise<void> {
    const { startCommand } = request.sandbox.template ?? {};
    if (startCommand === undefined) return;
    try {
      await this.#commands.start(request.sessionId, shellLine(startCommand));
    } catch (error) {
      this.#log.warn("a template's start command could not be run", {
        sandbox: request.sandbox.name,
        sessionId: request.sessionId,
        reason: messageOf(error),
      });
    }
  }

  /** Returns when the sandbox is ready. Throws `source_failed` when that does not come about. */
  async launch({ sandbox, sessionId, signal }: LaunchRequest): Promise<void> {
    const { startCommand, readyCommand } = sandbox.template ?? {};
    const waiting = signal ? { signal } : {};
    if (startCommand !== undefined) {
      await this.#commands.start(sessionId, shellLine(startCommand), waiting);
    }
    if (readyCommand === undefined) return;
    const trial = await this.#commands.start(
      sessionId,
      { ...shellLine(untilReady(readyCommand)), timeoutMs: LIMITS.templateReadyMs },
      waiting,
    );
    try {
      const { exitCode } = await this.#commands.wait(sessionId, trial.id, waiting);
      if (exitCode === 0) return;
    } catch (error) {
      await this.#commands.kill(sessionId, trial.id, SIGKILL);
      throw error;
    }
    throw new SandboxError(
      "source_failed",
      `Sandbox ${sandbox.name} of template ${sandbox.template?.name} was not ready within ${LIMITS.templateReadyMs} ms: its ready command did not succeed.`,
    );
  }
}

/** For a shell that is no login shell: `/etc/profile` would set the PATH anew, whatever a template says. */
export function shellLine(line: string): { cmd: string; args: string[] } {
  return { cmd: "/bin/bash", args: ["-c", line] };
}

/** Tries until it succeeds. Inside, where a try costs the engine nothing. */
export function untilReady(line: string): string {
  return `until (\n${line}\n) >/dev/null 2>&1; do sleep 0.1; done`;
}

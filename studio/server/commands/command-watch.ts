import type { Sandbox } from "sandlot";
import { endCommand } from "../../../ai/tools/end-command.ts";
import { shellLine } from "../../../ai/tools/shell-line.ts";
import type { CommandSummary, StartCommandRequest } from "../../contract/command.ts";
import type { StudioFaultCode } from "../../contract/errors.ts";
import { PROJECT_FOLDER } from "../../contract/limits.ts";
import { absolutePath } from "../files/project-path.ts";
import { toStudioError } from "../http/to-studio-error.ts";
import {
  findCommand,
  findEarlierCommand,
  runningSandbox,
  sandboxAsItIs,
} from "../sandboxes/find-sandbox.ts";
import type { CommandRecords, NewCommand } from "./command-records.ts";

const ATTEMPTS = 3;
const GONE: ReadonlySet<string> = new Set<StudioFaultCode>([
  "command_not_found",
  "sandbox_not_found",
  "sandbox_stopped",
]);

/** What happens to commands. The functions must not throw. */
export interface CommandListener {
  started: (sandboxId: string, command: CommandSummary) => void;
  /** `wasKilled`: somebody asked for its end. */
  ended: (sandboxId: string, command: CommandSummary, details: { wasKilled: boolean }) => void;
}

/** Follows the commands that the studio started to their end. Each is waited for, none is polled. */
export class CommandWatch implements AsyncDisposable {
  readonly #records: CommandRecords;
  readonly #listener: CommandListener;
  readonly #closed = new AbortController();
  readonly #killed = new Set<string>();
  /** The commands that are waited for, with their sandboxes. */
  readonly #followed = new Map<Promise<void>, string>();
  /** Those whose sandbox is being stopped: they end with it, which is no end of their own. */
  readonly #ending = new Set<string>();

  constructor(records: CommandRecords, listener: CommandListener) {
    this.#records = records;
    this.#listener = listener;
  }

  /** Notes a command that was started, and follows it. */
  add(command: NewCommand): CommandSummary {
    const summary = this.#records.add(command);
    this.#listener.started(command.sandboxId, summary);
    this.#follow(command.sandboxId, command.cmdId);
    return summary;
  }

  /** Starts a command line in the project's folder for the user. It goes on until it ends or is killed. */
  async start(sandboxId: string, { command, cwd }: StartCommandRequest): Promise<CommandSummary> {
    const sandbox = await runningSandbox(sandboxId);
    return this.#startIn(sandbox, {
      command,
      cwd: cwd === undefined ? PROJECT_FOLDER : absolutePath(cwd),
      background: true,
      source: "user",
    });
  }

  /** One command as it is now, whoever started it. Throws `command_not_found`. */
  async get(sandboxId: string, cmdId: string): Promise<CommandSummary> {
    const command = await findEarlierCommand(await sandboxAsItIs(sandboxId), cmdId);
    const known = this.#records.get(sandboxId, cmdId);
    return {
      command: "",
      background: false,
      source: "other",
      ...known,
      cmdId,
      cwd: command.cwd,
      startedAt: command.startedAt,
      exitCode: command.exitCode,
    };
  }

  /** Goes on following those of an earlier process. */
  recover(): void {
    for (const { sandboxId, cmdId } of this.#records.unended()) this.#follow(sandboxId, cmdId);
  }

  /** Ends a command: TERM, or the signal given. Its end is told like any other's. */
  async kill(sandboxId: string, cmdId: string, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const command = await findCommand(await sandboxAsItIs(sandboxId), cmdId);
    this.#killed.add(cmdId);
    await command.kill(signal);
  }

  /**
   * Ends the commands that an agent waited for, which is not there any more; gives those that it had to end, when they
   * have ended. Never rejects: what cannot be ended is told in the studio's output.
   */
  async endForeground(sandboxId: string): Promise<CommandSummary[]> {
    const left = this.#records.ofSandbox(sandboxId).filter((each) => isAwaited(each));
    const ended = await Promise.all(left.map((each) => this.#endIfRunning(sandboxId, each)));
    return left.filter((_each, index) => ended[index]);
  }

  /** Ends the agent's background commands that run, waits for their end, and starts them again. */
  async restart(sandboxId: string): Promise<void> {
    const running = this.#records
      .ofSandbox(sandboxId)
      .filter((each) => isServer(each) && isRunning(each));
    if (running.length === 0) return;
    const sandbox = await runningSandbox(sandboxId);
    // Oldest first, as they were started.
    for (const { cmdId, command, cwd } of running.toReversed()) {
      const old = await findCommand(sandbox, cmdId);
      this.#killed.add(cmdId);
      await endCommand(old);
      const options = { background: true, source: "agent" } as const;
      await this.#startIn(sandbox, { ...options, command, cwd });
    }
  }

  /** Notes that the sandbox is stopped on purpose: what ends with it was not a crash. */
  expectEnd(sandboxId: string): void {
    for (const each of this.#records.unended()) {
      if (each.sandboxId === sandboxId) this.#ending.add(each.cmdId);
    }
  }

  /** Starts the agent's background commands again that ended with their sandbox, when that has been resumed. */
  async startAgain(sandboxId: string): Promise<void> {
    // Of a line that was started more than once, the last time counts.
    const lines = new Map<string, CommandSummary>();
    for (const each of this.#records.ofSandbox(sandboxId).toReversed()) {
      if (isServer(each)) lines.set(JSON.stringify([each.command, each.cwd]), each);
    }
    const lost = [...lines.values()].filter((each) => !isRunning(each) && each.exitCode === null);
    if (lost.length === 0) return;
    const sandbox = await runningSandbox(sandboxId);
    for (const { command, cwd } of lost) {
      await this.#startIn(sandbox, { command, cwd, background: true, source: "agent" });
    }
  }

  /** Resolves when the ends of all that ran in a sandbox, which was stopped, have been noted. */
  async allEnded(sandboxId: string): Promise<void> {
    const followed = [...this.#followed].filter(([, each]) => each === sandboxId);
    await Promise.all(followed.map(([done]) => done));
  }

  /** Stops following. The commands go on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    await Promise.all(this.#followed.keys());
  }

  async #startIn(
    sandbox: Sandbox,
    wanted: Pick<NewCommand, "command" | "cwd" | "background" | "source">,
  ): Promise<CommandSummary> {
    const started = await sandbox.runCommand({
      ...shellLine(wanted.command),
      cwd: wanted.cwd,
      detached: true,
    });
    const { cmdId, startedAt } = started;
    return this.add({ ...wanted, sandboxId: sandbox.name, cmdId, startedAt });
  }

  // Whether it ran, and has ended now.
  async #endIfRunning(sandboxId: string, { cmdId, command }: CommandSummary): Promise<boolean> {
    try {
      const found = await findCommand(await sandboxAsItIs(sandboxId), cmdId);
      if (found.exitCode !== null) return false;
      this.#killed.add(cmdId);
      await endCommand(found);
      return true;
    } catch (error) {
      if (!GONE.has(toStudioError(error).code)) {
        console.error(`“${command}” could not be ended:`, error);
      }
      return false;
    }
  }

  #follow(sandboxId: string, cmdId: string): void {
    const done = this.#followToEnd(sandboxId, cmdId);
    this.#followed.set(done, sandboxId);
    void done.finally(() => this.#followed.delete(done));
  }

  // Never rejects.
  async #followToEnd(sandboxId: string, cmdId: string): Promise<void> {
    const exit = await this.#waitForExit(sandboxId, cmdId);
    if (this.#closed.signal.aborted) return;
    const isExpected = this.#ending.delete(cmdId);
    const endedWithSandbox = isExpected || exit === undefined || exit.sandboxStopped;
    const wasKilled = this.#killed.delete(cmdId) || endedWithSandbox;
    const exitCode = endedWithSandbox ? null : exit.code;
    const summary = this.#records.end(sandboxId, cmdId, exitCode);
    if (summary) this.#listener.ended(sandboxId, summary, { wasKilled });
  }

  // Undefined when nobody knows any more how it ended.
  async #waitForExit(
    sandboxId: string,
    cmdId: string,
  ): Promise<{ code: number; sandboxStopped: boolean } | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      try {
        const command = await findCommand(await sandboxAsItIs(sandboxId), cmdId);
        const { exitCode } = await command.wait({ signal: this.#closed.signal });
        const { status } = await sandboxAsItIs(sandboxId);
        return { code: exitCode, sandboxStopped: status !== "running" };
      } catch (error) {
        if (this.#closed.signal.aborted) return undefined;
        const { code } = toStudioError(error);
        if (GONE.has(code)) return undefined;
        // The engine ended under the call: its successor, which the next call starts, knows the command.
      }
    }
    return undefined;
  }
}

/** Whether the agent started it to go on by itself. What the user starts is the user's to look after. */
export function isServer({ background, source }: CommandSummary): boolean {
  return background && source === "agent";
}

// Whether an agent waits for its end, as far as is known.
function isAwaited(command: CommandSummary): boolean {
  return command.source === "agent" && !command.background && isRunning(command);
}

/** Whether it has not ended, as far as is known. */
export function isRunning({ exitCode, durationMs }: CommandSummary): boolean {
  return exitCode === null && durationMs === undefined;
}

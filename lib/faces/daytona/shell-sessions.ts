import { SandboxError } from "../../contract/errors.ts";
import type { Command } from "../../contract/command.ts";
import type { Session } from "../../contract/sandbox.ts";
import type { Engine } from "../../engine/engine.ts";
import { everyItem } from "../../engine/every-item.ts";
import { newId } from "../../std/ids.ts";
import { KeyedMutex } from "../../std/keyed-mutex.ts";
import { DaytonaFault } from "./faults.ts";
import { LINE_SCRIPT, SESSION_SCRIPT } from "./shell-scripts.ts";

/** One of the vendor's sessions: a shell, and the lines that were given to it. */
export interface ShellSession {
  id: string;
  /** The engine's command that is the shell. */
  shellId: string;
  /** Where shell and lines meet, as they see it. */
  directory: string;
  /** The engine's commands that are its lines, in order. */
  lineIds: string[];
}

type Sessions = Map<string, ShellSession>;

// What stands for `$0`, and tells the engine's commands of this face from all others after a restart.
const SHELL = "sandlot-daytona-shell";
const LINE = "sandlot-daytona-line";

const SIGKILL = 9;

/**
 * The vendor's sessions in a running session of the engine's (which is another thing: a period of a sandbox's
 * life). What is here is only an index: the engine keeps the shells and lines as commands, also over a restart.
 */
export class ShellSessions {
  readonly #engine: Engine;
  /** By the engine's session. */
  readonly #known = new Map<string, Sessions>();
  /** One shell at a time for each id. */
  readonly #creating = new KeyedMutex();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  list({ id }: Session): ShellSession[] {
    return [...this.#of(id).values()];
  }

  /** Throws the vendor's fault for a session that is not there. */
  get(session: Session, id: string): ShellSession {
    const found = this.#of(session.id).get(id);
    if (found) return found;
    throw new DaytonaFault({ status: 404, code: "PROCESS_NOT_FOUND" }, "session not found");
  }

  /** Throws the vendor's fault for an id that is taken, `unsupported` where no shell can be. */
  async create(session: Session, id: string): Promise<void> {
    const sessions = this.#of(session.id);
    await this.#creating.run(`${session.id} ${id}`, async () => {
      if (sessions.has(id)) {
        throw new DaytonaFault({ status: 409, code: "CONFLICT" }, `session ${id} already exists`);
      }
      // Below the directory for temporary files, whose place the sandbox's own variable says.
      const directory = newId("daytona");
      const command = await this.#engine.commands.start(session.id, {
        cmd: "sh",
        args: ["-c", `${IN_TEMPORARY}${SESSION_SCRIPT}`, SHELL, directory, id],
      });
      await this.#ready(session, command);
      sessions.set(id, { id, shellId: command.id, directory, lineIds: [] });
    });
  }

  /** Ends the shell and whatever its lines run. */
  async delete(session: Session, id: string): Promise<void> {
    const { shellId, lineIds } = this.get(session, id);
    this.#of(session.id).delete(id);
    for (const commandId of [shellId, ...lineIds]) {
      await this.#engine.commands.kill(session.id, commandId, SIGKILL);
    }
  }

  /** Gives the shell another line; it runs when the lines before it are done. */
  async start(
    session: Session,
    id: string,
    { line, echo }: { line: string; echo: boolean },
  ): Promise<Command> {
    const found = this.get(session, id);
    const { commands } = this.#engine;
    const shell = await commands.get(session.id, found.shellId);
    if (shell.exitCode !== null) {
      throw new DaytonaFault({ status: 410, code: "SESSION_ENDED" }, "session process has exited");
    }
    const name = newId("line");
    const command = await commands.start(session.id, {
      cmd: "bash",
      args: [
        "-c",
        `${IN_TEMPORARY}${LINE_SCRIPT}`,
        LINE,
        found.directory,
        name,
        line,
        echo ? "echo" : "",
      ],
      attachStdin: true,
    });
    found.lineIds.push(command.id);
    return command;
  }

  /** A line by the id of its command. */
  async line(session: Session, id: string, commandId: string): Promise<Command> {
    if (!this.get(session, id).lineIds.includes(commandId)) {
      throw new DaytonaFault({ status: 404, code: "PROCESS_NOT_FOUND" }, "command not found");
    }
    return this.#engine.commands.get(session.id, commandId);
  }

  async write(session: Session, command: Command, data: string): Promise<void> {
    const { exitCode } = await this.#engine.commands.get(session.id, command.id);
    if (exitCode !== null) {
      throw new DaytonaFault(
        { status: 410, code: "COMMAND_ALREADY_COMPLETED" },
        "command has already completed",
      );
    }
    await this.#engine.commands.writeStdin(session.id, command.id, {
      data: new TextEncoder().encode(data),
    });
  }

  /** A line can only be given to a shell that has made the place for it, and says so. */
  async #ready({ id }: Session, shell: Command): Promise<void> {
    // What it says to stderr is why it cannot.
    for await (const { stream } of this.#engine.commands.output(id, shell.id)) {
      if (stream === "stdout") return;
    }
    throw new SandboxError(
      "unsupported",
      "The sandbox has no bash, or no place for temporary files; a session needs both.",
    );
  }

  #of(sessionId: string): Sessions {
    let sessions = this.#known.get(sessionId);
    if (!sessions) {
      sessions = this.#find(sessionId);
      this.#known.set(sessionId, sessions);
    }
    return sessions;
  }

  /** What an engine before this one started and still runs. */
  #find(sessionId: string): Sessions {
    const sessions: Sessions = new Map();
    const byDirectory = new Map<string, ShellSession>();
    const { commands } = this.#engine;
    const all = everyItem((part) => commands.list(sessionId, { ...part, sortOrder: "asc" }));
    for (const { id, cmd, args, exitCode } of all) {
      const [, , kind, directory = "", third = ""] = args;
      if (cmd === "sh" && kind === SHELL && exitCode === null) {
        const found = { id: third, shellId: id, directory, lineIds: [] };
        sessions.set(third, found);
        byDirectory.set(directory, found);
      }
      if (cmd === "bash" && kind === LINE) byDirectory.get(directory)?.lineIds.push(id);
    }
    return sessions;
  }
}

// The first argument becomes a path: both sides make the same of it.
const IN_TEMPORARY = 'name=$1; shift; set -- "${TMPDIR:-/tmp}/$name" "$@"\n';

/** A line of a session as the caller wrote it. */
export function lineOf({ args }: Command): string {
  return args[5] ?? "";
}

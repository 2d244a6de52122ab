import type { Command } from "../../contract/command.ts";
import { SandboxError } from "../../contract/errors.ts";
import type { Page, PageRequest } from "../../contract/page.ts";
import { messageOf } from "../../std/message-of.ts";
import type { Log, Store } from "../ports.ts";

/** The commands' records. An end that cannot be written (a full disk) is told all the same, and written later. */
export class CommandRecords {
  readonly #store: Store;
  readonly #log: Log;
  readonly #unwritten = new Map<string, Command>();

  constructor({ store, log }: { store: Store; log: Log }) {
    this.#store = store;
    this.#log = log;
  }

  /** Throws `command_not_found`. */
  get(sessionId: string, commandId: string): Command {
    this.#catchUp();
    const command = this.#unwritten.get(commandId) ?? this.#store.commands.get(commandId);
    if (command?.sessionId === sessionId) return command;
    throw new SandboxError(
      "command_not_found",
      `There is no command ${commandId} in session ${sessionId}.`,
    );
  }

  has(commandId: string): boolean {
    return this.#store.commands.get(commandId) !== undefined;
  }

  /** The session's commands in order of their start. */
  page(sessionId: string, request: PageRequest): Page<Command> {
    this.#catchUp();
    const page = this.#store.commands.page({
      ...request,
      sortBy: "startedAt",
      equals: { sessionId },
    });
    return {
      ...page,
      items: page.items.map((command) => this.#unwritten.get(command.id) ?? command),
    };
  }

  ofSession(sessionId: string): Command[] {
    return this.#store.commands.all({ equals: { sessionId } });
  }

  /** Those of the session's that are not known to have ended. */
  open(sessionId: string): Command[] {
    return this.ofSession(sessionId).filter(
      ({ id, exitCode }) => exitCode === null && !this.#unwritten.has(id),
    );
  }

  /** Durable when it returns. */
  add(command: Command): void {
    this.#store.commands.put(command);
  }

  /** Never throws. */
  end(command: Command): void {
    this.#unwritten.set(command.id, command);
    const reason = this.#catchUp();
    if (reason === undefined) return;
    this.#log.warn("a command's end could not be recorded yet", { commandId: command.id, reason });
  }

  delete(commandId: string): void {
    this.#store.commands.delete(commandId);
    this.#unwritten.delete(commandId);
  }

  /** Gives the reason for which something is still unwritten. */
  #catchUp(): string | undefined {
    for (const [id, command] of this.#unwritten) {
      try {
        this.#store.commands.put(command);
        this.#unwritten.delete(id);
      } catch (error) {
        return messageOf(error);
      }
    }
    return undefined;
  }
}

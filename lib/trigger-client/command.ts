import {
  Command as VendorCommand,
  CommandFinished as VendorCommandFinished,
} from "@vercel/sandbox";
import { adopt, bindClient } from "./engine-binding.ts";
import { type OutputPiece, outputSoFar } from "./output-so-far.ts";
import { nameOf } from "./sandbox-names.ts";

/** The vendor's command, which also tells its sandbox's id as 0.x and 1.x did. */
export class Command extends VendorCommand {
  // A finished command is a command, though its class descends from the vendor's.
  static override [Symbol.hasInstance](value: unknown): boolean {
    return this === Command
      ? value instanceof VendorCommand
      : Function.prototype[Symbol.hasInstance].call(this, value);
  }

  /** The sandbox's name; for a command that came out of storage, its session's id. */
  get sandboxId(): string {
    return nameOf(this) ?? this.sessionId;
  }

  override async wait(params?: { signal?: AbortSignal }): Promise<CommandFinished> {
    return adopt(await super.wait(params), CommandFinished);
  }

  /**
   * Not the vendor's: what the command has written by now; unlike `logs()`, it does not wait for more.
   * Throws `unsupported` in the vendor's cloud, `APIError`, `StreamError`.
   */
  outputSoFar(params?: { signal?: AbortSignal }): AsyncGenerator<OutputPiece, void, void> {
    const { sessionId, cmdId } = this;
    return outputSoFar({ sessionId, cmdId }, params?.signal);
  }
}

/** The vendor's finished command, which also tells its sandbox's id as 0.x and 1.x did. */
export class CommandFinished extends VendorCommandFinished {
  /** The sandbox's name; for a command that came out of storage, its session's id. */
  get sandboxId(): string {
    return nameOf(this) ?? this.sessionId;
  }

  override async wait(): Promise<CommandFinished> {
    return adopt(await super.wait(), CommandFinished);
  }
}

bindClient(Command);
bindClient(CommandFinished);

/** The command as one of ours. */
export function adoptCommand(command: VendorCommand): Command | CommandFinished {
  return command instanceof VendorCommandFinished
    ? adopt(command, CommandFinished)
    : adopt(command, Command);
}

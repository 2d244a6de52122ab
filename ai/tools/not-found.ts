import { StudioError } from "../../studio/contract/errors.ts";

/** For the model: its sandbox was deleted. */
export function sandboxGone(cause: unknown): StudioError {
  return new StudioError(
    "sandbox_not_found",
    "The sandbox is gone with its files. Call createSandbox, then write the files again.",
    { cause },
  );
}

/** For the model: it named a command that is none, or one of before the sandbox's last start. */
export function commandUnknown(commandId: string, cause: unknown): StudioError {
  return new StudioError(
    "command_not_found",
    `There is no command ${commandId} in the sandbox since it was last started. Use the commandId that runCommand returned, or start the command anew.`,
    { cause },
  );
}

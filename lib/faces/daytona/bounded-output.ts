import type { OutputChunk } from "../../contract/command.ts";
import { SandboxError } from "../../contract/errors.ts";
import type { Engine, Waiting } from "../../engine/engine.ts";
import { TEXT_LENGTH } from "./answers.ts";

const MEBI = 1_024 * 1_024;

/**
 * What a command writes, from its first byte on, for an answer that holds all of it; without `follow` what there is
 * now. Throws `too_large` for more than such an answer takes: the command goes on.
 */
export async function* boundedOutput(
  { commands }: Pick<Engine, "commands">,
  { sessionId, commandId }: { sessionId: string; commandId: string },
  options: Waiting & { follow: boolean },
): AsyncGenerator<OutputChunk, void, void> {
  let length = 0;
  for await (const chunk of commands.output(sessionId, commandId, options)) {
    length += chunk.data.length;
    if (length > TEXT_LENGTH) {
      throw new SandboxError(
        "too_large",
        `The command wrote more than the ${TEXT_LENGTH / MEBI} Mi characters that one answer holds; run it in a session and follow its log, or let it write to a file.`,
      );
    }
    yield chunk;
  }
}

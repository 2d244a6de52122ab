import type { Command } from "sandlot";
import { type CommandRecord, OPERATION_LIMITS } from "sandlot/contract";
import { OutputTail } from "./output-tail.ts";
import { textPieces } from "./text-pieces.ts";

/**
 * A command's records from its beginning to its end, also when another worker began to tell them. The last one is
 * `end`. The command goes on when the reader leaves.
 */
export class CommandRecords {
  readonly #command: Command;
  readonly #sandboxId: string;
  readonly #stdout = new OutputTail(OPERATION_LIMITS.resultOutputBytes);
  readonly #stderr = new OutputTail(OPERATION_LIMITS.resultOutputBytes);

  constructor({ command, sandboxId }: { command: Command; sandboxId: string }) {
    this.#command = command;
    this.#sandboxId = sandboxId;
  }

  /** Ends with the command. Throws what the engine throws. */
  async *read(): AsyncGenerator<CommandRecord, void, void> {
    const command = this.#command;
    yield { type: "started", sandboxId: this.#sandboxId, commandId: command.cmdId };
    let offset = 0;
    let streamedBytes = 0;
    for await (const { stream, data } of command.logs()) {
      (stream === "stdout" ? this.#stdout : this.#stderr).append(data);
      const isFull = streamedBytes >= OPERATION_LIMITS.streamedBytes;
      streamedBytes += Buffer.byteLength(data);
      if (!isFull) {
        // An engine that is not ours may send longer pieces than the platform takes.
        for (const piece of textPieces(data, OPERATION_LIMITS.recordCharacters)) {
          yield { type: "output", stream, data: piece, offset };
          offset += piece.length;
        }
        if (streamedBytes >= OPERATION_LIMITS.streamedBytes) yield { type: "full", offset };
      }
    }
    const { exitCode } = await command.wait();
    yield { type: "end", exitCode };
  }

  /** What a result tells of the output that was read. */
  tails() {
    return { stdout: this.#stdout.result(), stderr: this.#stderr.result() };
  }
}

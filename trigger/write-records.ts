import type { CommandRecord } from "sandlot/contract";
import { commandOutput } from "./command-output.ts";

/**
 * So much is handed to the platform's client at once. It keeps a second copy of what it sends until the call has
 * ended, so one call for all output would hold all of it in memory.
 */
const SEGMENT_CHARACTERS = 8 * 1024 * 1024;

/**
 * Writes the records onto the run's stream in their order: one writer after the other. Throws what the records throw,
 * and what the platform throws when it does not take them.
 */
export async function writeRecords(
  records: AsyncGenerator<CommandRecord, void, void>,
): Promise<void> {
  try {
    for (let isOver = false; !isOver;) {
      const failure: { error?: unknown } = {};
      const segment = async function* () {
        let characters = 0;
        try {
          while (characters < SEGMENT_CHARACTERS) {
            const { done, value } = await records.next();
            isOver = done === true;
            if (done) return;
            if (value.type === "output") characters += value.data.length;
            yield value;
          }
        } catch (error) {
          // The client would not hand it on.
          isOver = true;
          failure.error = error;
        }
      };
      await commandOutput.pipe(segment()).waitUntilComplete();
      if (failure.error !== undefined) throw failure.error;
    }
  } finally {
    await records.return();
  }
}

import { metadata } from "@trigger.dev/sdk";
import * as z from "zod";
import { OperationFault } from "./operation-fault.ts";

const KEY = "command";

const Begun = z.object({ commandId: z.string().nullable() });

/**
 * What an attempt of a run has begun, kept with the run, so that the next attempt goes on with the command of a worker
 * that died and never starts it twice.
 */
export const begunCommand = {
  /** The command of an earlier attempt. Throws `interrupted` when nobody knows whether it began. */
  earlier(asked: string): string | undefined {
    const begun = Begun.safeParse(metadata.get(KEY));
    if (!begun.success) return undefined;
    if (begun.data.commandId !== null) return begun.data.commandId;
    throw new OperationFault({
      code: "interrupted",
      message: `Could not ${asked}: the worker ended at the moment when it started the command, and nobody knows whether it began. Look at what it should have done, then run it again if need be.`,
      retryable: false,
    });
  },

  /** To be kept before the command is started. */
  async announce(): Promise<void> {
    metadata.set(KEY, { commandId: null });
    await metadata.flush();
  },

  /** To be kept as soon as the command has begun. */
  async keep(commandId: string): Promise<void> {
    metadata.set(KEY, { commandId });
    await metadata.flush();
  },

  /** It is known that nothing began. */
  async forget(): Promise<void> {
    metadata.del(KEY);
    await metadata.flush();
  },
};

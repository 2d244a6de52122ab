import * as z from "zod";
import { CommandRequest, type CommandRequestInput } from "../../contract/command.ts";
import { LIMITS } from "../../contract/limits.ts";
import { withoutUndefined } from "../../std/without-undefined.ts";

const fields = CommandRequest.shape;

/** Of `POST …/cmd`. */
export const CommandBody = z
  .strictObject({
    command: fields.cmd,
    args: fields.args,
    cwd: fields.cwd,
    env: fields.env,
    sudo: fields.sudo,
    timeout: fields.timeoutMs,
    attachStdin: fields.attachStdin,
    /** Answer with a stream that ends with the command. */
    wait: z.boolean().default(false),
    /** Carry the output in that stream. */
    logs: z.boolean().default(false),
  })
  .refine(({ wait, logs }) => wait || !logs, {
    path: ["logs"],
    message: "goes only with wait: true",
  });

export function toCommandRequest(body: z.output<typeof CommandBody>): CommandRequestInput {
  const { command, timeout, wait: _wait, logs: _logs, ...rest } = body;
  return withoutUndefined({ ...rest, cmd: command, timeoutMs: timeout });
}

/** Of `POST …/cmd/:id/kill`: a signal's number on Linux. */
export const KillBody = z.strictObject({ signal: z.int().min(1).max(64) });

/** Of `POST …/cmd/:id/stdin`. The data is base64: JSON carries no bytes. */
export const StdinBody = z.strictObject({
  data: z
    .base64()
    // Base64 takes four characters for three bytes.
    .max(Math.ceil(LIMITS.stdinWriteBytes / 3) * 4, {
      message: `one write carries at most ${LIMITS.stdinWriteBytes} bytes`,
    })
    .default(""),
  offset: z.int().nonnegative().optional(),
  close: z.boolean().default(false),
});

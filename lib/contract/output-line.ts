import * as z from "zod";
import { OutputStream } from "./command.ts";

/** A line of an output as the HTTP interface gives it; one of the stream `error` is the last, and says what stood in the way. */
export const OutputLine = z.discriminatedUnion("stream", [
  z.object({ stream: OutputStream, data: z.string() }),
  z.object({
    stream: z.literal("error"),
    data: z.object({ code: z.string(), message: z.string() }),
  }),
]);
export type OutputLine = z.output<typeof OutputLine>;

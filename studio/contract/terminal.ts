import * as z from "zod";
import { Id } from "./ids.ts";
import { STUDIO_LIMITS } from "./limits.ts";

const Size = { cols: z.int().min(1).max(1_000), rows: z.int().min(1).max(1_000) };

/** POST /api/sandboxes/[sandboxId]/terminals: opens a shell; answered with 201 and a TerminalInfo. */
export const OpenTerminalRequest = z.strictObject({
  cols: Size.cols.default(80),
  rows: Size.rows.default(24),
});
export type OpenTerminalRequest = z.output<typeof OpenTerminalRequest>;

export const TerminalInfo = z.object({ terminalId: Id, title: z.string() });
export type TerminalInfo = z.output<typeof TerminalInfo>;

/** GET /api/sandboxes/[sandboxId]/terminals: those that are open, oldest first. */
export const TerminalList = z.object({ terminals: z.array(TerminalInfo) });
export type TerminalList = z.output<typeof TerminalList>;

/** POST …/terminals/[terminalId]: what was typed, or a new size. Answered with 204. */
export const TerminalInput = z.union([
  z.strictObject({ data: z.string().min(1).max(STUDIO_LIMITS.terminalInputBytes) }),
  z.strictObject({ resize: z.strictObject(Size) }),
]);
export type TerminalInput = z.output<typeof TerminalInput>;

/**
 * GET …/terminals/[terminalId] is SSE; each event's data is one of these. First what was kept of the output,
 * in one `output` with `replay`: the terminal is to be reset before it is written. `exit` comes last.
 */
export const TerminalEvent = z.discriminatedUnion("type", [
  /** `data` is base64: output is bytes, and may be cut in the middle of a character. */
  z.object({ type: z.literal("output"), data: z.string(), replay: z.boolean().optional() }),
  z.object({
    type: z.literal("exit"),
    exitCode: z.int().optional(),
    message: z.string().optional(),
  }),
]);
export type TerminalEvent = z.output<typeof TerminalEvent>;

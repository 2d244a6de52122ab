import * as z from "zod";
import { CommandRequest } from "./command.ts";

const Size = z.int().min(1).max(65_535);

export const TerminalSize = z.strictObject({ columns: Size, rows: Size });
export type TerminalSize = z.output<typeof TerminalSize>;

/** A terminal as a caller asks for it: a program on a pseudo-terminal of its own. */
export const TerminalRequest = z.strictObject({
  /** Absent: one is made up. Unknown to the session so far, while it is remembered. */
  id: z
    .string()
    .min(1)
    .max(128)
    .regex(/^[A-Za-z0-9._-]+$/, { message: "an id holds letters, digits, dots, - and _" })
    .optional(),
  cmd: CommandRequest.shape.cmd,
  args: CommandRequest.shape.args,
  env: CommandRequest.shape.env,
  cwd: CommandRequest.shape.cwd,
  user: CommandRequest.shape.user,
  sudo: CommandRequest.shape.sudo,
  columns: Size.default(80),
  rows: Size.default(24),
});
export type TerminalRequest = z.output<typeof TerminalRequest>;
export type TerminalRequestInput = z.input<typeof TerminalRequest>;

/** A terminal of a session that is open, or ended a short while ago. */
export interface TerminalView {
  id: string;
  /** Of its program, as seen inside the sandbox; absent where that is not known. */
  pid?: number;
  cmd: string;
  args: string[];
  cwd: string;
  columns: number;
  rows: number;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** 128+n after signal n; null while it is open. */
  exitCode: number | null;
}

import * as z from "zod";

/** A project's, turn's, checkpoint's or terminal's id: letters, digits, `-` and `_`, so that it can stand in a path. */
export const Id = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, "must be an id of letters, digits, - and _");
export type Id = z.output<typeof Id>;

/** A sandbox's name, as the SDK takes it. */
export const SandboxId = z.string().min(1).max(128);
export type SandboxId = z.output<typeof SandboxId>;

/** A moment: milliseconds since 1970. */
export const Timestamp = z.int().nonnegative();
export type Timestamp = z.output<typeof Timestamp>;

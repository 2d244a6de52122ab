import * as z from "zod";

// What several endpoints take as a query's text.

/** A whole number, of 16 digits at most. */
export const WholeNumber = z
  .string()
  .regex(/^\d{1,16}$/, { message: "expected a whole number" })
  .transform(Number);

/** How much a line of a log matters, the least first. */
export const LogLevel = z.enum(["debug", "info", "warn", "error"]);
export type LogLevel = z.output<typeof LogLevel>;

export function isAtLeast(level: LogLevel, least: LogLevel): boolean {
  const levels = LogLevel.options;
  return levels.indexOf(level) >= levels.indexOf(least);
}

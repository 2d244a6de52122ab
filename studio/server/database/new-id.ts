import { randomBytes } from "node:crypto";

/** A fresh id that nobody guesses: 16 letters and digits, fit for paths and for names of sandboxes. */
export function newId(): string {
  return randomBytes(8).toString("hex");
}

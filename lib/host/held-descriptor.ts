import { closeSync, constants, openSync } from "node:fs";

/** The pipe that tells of the daemon's end, besides that of its start. */
const HELD_DESCRIPTOR = 4;
/** Says to the daemon that it was started with one. */
export const HELD_ARGUMENT = "--held";

let held = false;

/** Whether this process was started as root of a user namespace of its own, which ends with the last that holds it. */
export function isHeld(): boolean {
  return held;
}

/** Holds what this process was told to hold until it ends, and lets nothing that it starts hold it, too. */
export function holdOwn(): void {
  if (!process.argv.includes(HELD_ARGUMENT)) return;
  // What Node opens itself is closed in whatever it starts.
  openSync(`/proc/self/fd/${HELD_DESCRIPTOR}`, constants.O_WRONLY);
  closeSync(HELD_DESCRIPTOR);
  held = true;
}

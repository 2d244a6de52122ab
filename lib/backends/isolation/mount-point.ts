import { closeSync, constants, openSync, readFileSync } from "node:fs";

// Linux's, which Node does not name: nothing is opened but the place in the tree.
const O_PATH = 0o10000000;
const onLinux = process.platform === "linux";

/** Which mount a host path leads to; a link is not followed. Undefined where the system does not tell. */
export function mountOf(path: string | Buffer): string | undefined {
  if (!onLinux) return undefined;
  const descriptor = openSync(path, O_PATH | constants.O_NOFOLLOW);
  try {
    return /^mnt_id:\s*(\d+)$/m.exec(
      readFileSync(`/proc/self/fdinfo/${descriptor}`, "latin1"),
    )?.[1];
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Throws EBUSY where something is mounted under a name of a directory. The system says so only to whom sees the
 * mount at that place: from without a session it would take away what the mount hangs on, and the mount with it.
 */
export function mustBeNoMount(path: string | Buffer, mountOfDirectory: string | undefined): void {
  if (mountOf(path) === mountOfDirectory) return;
  throw busy();
}

/** As the system says it. */
export function busy(): Error {
  return Object.assign(new Error("device or resource busy"), { code: "EBUSY" });
}

import { accessSync, constants } from "node:fs";

// keyctl(2), which Node has no call for, by its number.
const KEYCTL: Partial<Record<NodeJS.Architecture, number>> = { x64: 250, arm64: 219 };
const JOIN_SESSION_KEYRING = 1;
const SETPERM = 5;
const SESSION_KEYRING = -3;

/** The first that is there makes the calls and becomes the program. Every Debian has the first, others the second. */
const SHIELDS = [
  {
    program: "/usr/bin/perl",
    script: (keyctl: number) =>
      `syscall(${keyctl}, ${JOIN_SESSION_KEYRING}, 0) > 0 and syscall(${keyctl}, ${SETPERM}, ${SESSION_KEYRING}, 0); exec { $ARGV[0] } @ARGV or die "$ARGV[0] could not be started: $!\\n"`,
    option: "-e",
  },
  {
    program: "/usr/bin/python3",
    script: (keyctl: number) =>
      "import ctypes, os, sys; call = ctypes.CDLL(None).syscall; " +
      `call(${keyctl}, ${JOIN_SESSION_KEYRING}, None) > 0 and call(${keyctl}, ${SETPERM}, ${SESSION_KEYRING}, 0); ` +
      "os.execv(sys.argv[1], sys.argv[1:])",
    option: "-c",
  },
] as const;

/**
 * The words before a program's absolute path that start it without its caller's session keyring: that goes with what
 * starts a process and with no namespace, so that sandboxes would read the keys of a login. The one that it gets instead
 * allows nothing to anybody: what is shared by all sandboxes must not be a place to leave something. A program inside
 * may join one of its own. Empty where the machine has nothing to make it by.
 */
export function keyringShield(): readonly string[] {
  const keyctl = process.platform === "linux" ? KEYCTL[process.arch] : undefined;
  const shield = SHIELDS.find(({ program }) => isExecutable(program));
  if (keyctl === undefined || !shield) return [];
  return [shield.program, shield.option, shield.script(keyctl)];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false; // It is not there.
  }
}

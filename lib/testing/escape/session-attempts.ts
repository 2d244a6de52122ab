import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Attempt, Attempts, Stage } from "./attempt.ts";
import { CALLERS_KEY, READ_CALLERS_KEY } from "./callers-key.ts";
import { perl } from "./shell-text.ts";
import { SYSTEM_CALLS } from "./system-calls.ts";

const run = promisify(execFile);

/** What lies on the host's disk of the sandbox's that fits find(1)'s words. */
async function onDisk({ sandbox, outside }: Stage, ...words: string[]): Promise<string> {
  const where = sandbox?.bench.directory ?? outside.directory;
  // The kernel's own directories in it are nobody's to look into.
  const { stdout } = await run("sh", ["-c", 'find "$@" 2>/dev/null || :', "sh", where, ...words]);
  return stdout;
}
const leaves = (title: string, program: string, ...words: string[]): Attempt => ({
  title,
  as: "root",
  program,
  proof: { found: async (stage) => (await onDisk(stage, ...words)) !== "" },
  weakened: "process",
});

const HOLDS_EVERYWHERE = /^01000002/;

/** The rights that are written down with a file, as the host sees them. */
async function rightsOf(file: string): Promise<string> {
  const read =
    'my ($p, $n) = (@ARGV, "security.capability"); my $v = "\\0" x 64; ' +
    'my $l = syscall($ENV{NR_getxattr}, $p, $n, $v, 64); print unpack("H*", substr($v, 0, $l)) if $l > 0';
  const { stdout } = await run("/usr/bin/perl", ["-e", read, file], { env: { ...SYSTEM_CALLS } });
  return stdout;
}

const keys = (as: Attempt["as"], title: string): Attempt => ({
  title,
  as,
  program: READ_CALLERS_KEY,
  proof: { says: `read: ${CALLERS_KEY.value}` },
  weakened: "callers-keyring",
});

/** What gets in with a command, and what of a sandbox's is left on the disk. */
export const sessionAttempts: Attempts = {
  "variables: the engine's": {
    title: "looks for the engine's variables in its own",
    as: "default-user",
    program:
      "env; tr '\\0' '\\n' <" +
      "/proc/self/environ; tr '\\0' '\\n' </proc/1/environ; sudo cat /proc/1/environ",
    proof: { found: (_stage, output) => output.includes(process.env["OF_THE_ENGINE"] ?? "never") },
    weakened: "passed-on",
  },
  "keys: the engine's caller's": keys("default-user", "reads a key of whoever started the engine"),
  "keys: as root": keys("root", "reads a key of whoever started the engine, as root"),
  "rights: a program for the host's users": leaves(
    "leaves a program that gives the host's root away",
    "cp /bin/sh given; chown 0:0 given; chmod 4755 given",
    "-type",
    "f",
    "-perm",
    "-4000",
    "-uid",
    "0",
  ),
  "rights: a device": leaves(
    "leaves a device node on the host's disk",
    "mknod disk b $DEVICE_MAJOR $DEVICE_MINOR",
    "-type",
    "b",
  ),
  "rights: another device": leaves(
    "leaves a device node of memory on the host's disk",
    "mknod memory c 1 1",
    "-type",
    "c",
    "-name",
    "memory",
  ),
  "rights: of a program's file": {
    title: "leaves a program with rights of its own",
    as: "root",
    program: perl(
      'open(my $f, ">", "given"); my $p = "given"; my $n = "security.capability"; my $v = pack("IIIII", 0x02000001, 0xffffffff, 0, 0xffffffff, 0); syscall($ENV{NR_setxattr}, $p, $n, $v, 20, 0) == 0 or die "set: $!";',
    ),
    proof: {
      // The kernel writes down to whose namespace such rights belong; version 2, without that, holds everywhere.
      found: async (stage) => {
        const file = (await onDisk(stage, "-name", "given")).trim();
        return file !== "" && HOLDS_EVERYWHERE.test(await rightsOf(file));
      },
    },
    weakened: "process",
  },
  "logs: what lies beside them": leaves(
    "writes beside its own log",
    'log=$(readlink "/proc/$$/fd/1"); echo "$log"; : >"${log%/*}/mark"; : >"/proc/$$/fd/1/../mark"',
    "-name",
    "mark",
  ),
};

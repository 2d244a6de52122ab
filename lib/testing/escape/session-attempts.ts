import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import type { Attempt, Attempts, Stage } from "./attempt.ts";
import { perl } from "./shell-text.ts";

const run = promisify(execFile);

/** What lies on the host's disk of the sandbox's that fits find(1)'s words. */
async function onDisk({ sandbox, outside }: Stage, ...words: string[]): Promise<string> {
  const { stdout } = await run("find", [sandbox?.bench.directory ?? outside.directory, ...words]);
  return stdout;
}
const leaves = (title: string, program: string, ...words: string[]): Attempt => ({
  title,
  as: "root",
  program,
  proof: { found: async (stage) => (await onDisk(stage, ...words)) !== "" },
  weakened: "process",
});

const holdsMight = (...pids: number[]) =>
  pids.some((pid) => {
    try {
      const status = readFileSync(`/proc/${pid}/status`, "utf8");
      const bounding = BigInt(`0x${/^CapBnd:\s*(\w+)/m.exec(status)?.[1] ?? "0"}`);
      return MIGHTY.some((bit) => ((bounding >> bit) & 1n) === 1n);
    } catch {
      return false; // It has ended.
    }
  });
/** Networks, raw devices, all of administration, modules, tracing, restarting and time, by their bits. */
const MIGHTY = [12n, 16n, 17n, 21n, 22n, 25n];

/** What gets in with a command, and what of a sandbox's is left on the disk. */
export const sessionAttempts: Attempts = {
  "variables: the engine's": {
    title: "looks for the engine's variables in its own",
    as: "default-user",
    program: "env; tr '\\0' '\\n' <"+"/proc/self/environ; tr '\\0' '\\n' </proc/1/environ; sudo cat /proc/1/environ",
    proof: { found: (_stage, output) => output.includes(process.env["OF_THE_ENGINE"] ?? "never") },
    weakened: "passed-on",
  },
  "rights: those of root": {
    title: "has rights as root that only an administrator of the machine needs",
    as: "root",
    program: "echo holding; sleep 20",
    proof: { found: ({ sandbox }) => holdsMight(...pidsOf(sandbox?.sessionId)) },
    weakened: "process",
  },
  "rights: those that a program could get": {
    title: "may get such rights by a program that is set-uid",
    as: "default-user",
    program: "echo holding; sleep 20",
    proof: { found: ({ sandbox }) => holdsMight(...pidsOf(sandbox?.sessionId)) },
    weakened: "process",
  },
  "rights: a program for the host's users": leaves(
    "leaves a program that gives the host's root away",
    "cp /bin/sh given; chown 0:0 given; chmod 4755 given",
    "-type", "f", "-perm", "-4000", "-uid", "0",
  ),
  "rights: a device": leaves("leaves a device node on the host's disk", "mknod disk b $DEVICE_MAJOR $DEVICE_MINOR", "-type", "b"),
  "rights: another device": leaves("leaves a device node of memory on the host's disk", "mknod memory c 1 1", "-type", "c", "-name", "memory"),
  "rights: of a program's file": {
    title: "leaves a program with rights of its own",
    as: "root",
    program: perl('open(my $f, ">", "given"); my $p = "given"; my $n = "security.capability"; my $v = pack("IIIII", 0x02000001, 0xffffffff, 0, 0xffffffff, 0); syscall(188, $p, $n, $v, 20, 0) == 0 or die "set: $!";'),
    proof: {
      // The kernel writes down to whose namespace such rights belong; version 2, without that, holds everywhere.
      found: async (stage) => {
        const file = (await onDisk(stage, "-name", "given")).trim();
        const read = 'my ($p, $n) = @ARGV; my $v = "\\0" x 64; my $l = syscall(191, $p, $n, $v, 64); print unpack("H*", substr($v, 0, $l)) if $l > 0';
        return file !== "" && /^01000002/.test((await run("perl", ["-e", read, file, "security.capability"])).stdout);
      },
    },
    weakened: "process",
  },
  "logs: rewriting another's": {
    title: "opens the directory in which its own log lies",
    as: "root",
    program: 'for each in 1 2 3 4; do ls -la "$(dirname "$(readlink /proc/self/fd/$each)")" && : >"$(dirname "$(readlink /proc/self/fd/$each)")/there"; done; log=$(readlink /proc/self/fd/1); : >"${log%/*}/mark" && echo got-in',
    proof: { says: "got-in" },
    weakened: "process",
  },
};

import { processesOf } from "./try-attempt.ts";
function pidsOf(sessionId: string | undefined): number[] {
  return sessionId === undefined ? [] : processesOf(sessionId);
}

import { readFileSync } from "node:fs";
import type { Attempts, Stage } from "./attempt.ts";
import { perl } from "./shell-text.ts";
import { processesOf } from "./try-attempt.ts";

const byAll = (title: string, program: string, more: Partial<Attempts[string]> = {}) =>
  ({ title, as: "root", program, proof: "victim", weakened: "process", ...more }) as const;

/** Of a process inside that keeps running, as the host sees it. */
const isSomeoneFavoured = (isFavoured: (stat: string[]) => boolean) => ({
  found: ({ sandbox }: Stage) =>
    processesOf(sandbox?.sessionId ?? "").some((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
        return isFavoured(stat);
      } catch {
        return false; // It has ended.
      }
    }),
});

/** Ways at the host's processes. */
export const processAttempts: Attempts = {
  "processes: a signal": byAll(
    "ends a process of the host's by its number",
    'kill -KILL "$VICTIM"; sleep 0.2',
  ),
  "processes: a signal of the default user's": byAll(
    "stops a process of the host's",
    'kill -STOP "$VICTIM"; sleep 0.2',
    {
      as: "default-user",
    },
  ),
  "processes: a signal to a group": byAll(
    "ends a process group of the host's",
    '/bin/kill -KILL -- "-$VICTIM"; sleep 0.2',
  ),
  "processes: a signal to everybody": byAll(
    "signals everybody that it can",
    // What waits for its end may be among them.
    "kill -STOP -1; sleep 0.2; echo holding; exec sleep 20",
    { weakened: "box" },
  ),
  "processes: a signal by descriptor": byAll(
    "signals a process of the host's by a descriptor",
    perl(`
      my $fd = syscall($ENV{NR_pidfd_open}, $ENV{VICTIM} + 0, 0); die "open: $!" if $fd < 0;
      syscall($ENV{NR_pidfd_send_signal}, $fd, 9, 0, 0);`),
  ),
  "processes: tracing": byAll(
    "traces a process of the host's",
    perl(`
      $| = 1; my $got = syscall($ENV{NR_ptrace}, 16, $ENV{VICTIM} + 0, 0, 0); die "trace: $!" if $got != 0;
      print "holding\\n"; sleep 20;`),
  ),
  "processes: priority": byAll("makes a process of the host's wait", 'renice -n 19 -p "$VICTIM"'),
  "processes: limits": byAll(
    "takes limits from a process of the host's",
    'prlimit --pid "$VICTIM" --nofile=1:1',
  ),
  "processes: out of memory": byAll(
    "makes a process of the host's the first to die of a lack of memory",
    'echo 1000 >"/proc/$VICTIM/oom_score_adj"',
  ),
  "processes: variables": byAll(
    "reads the variables of a process of the host's",
    'tr "\\0" "\\n" <"/proc/$VICTIM/environ"',
    { proof: "secret" },
  ),
  "processes: variables of all": byAll(
    "looks through the variables and arguments of all processes",
    'cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline | tr "\\0" "\\n" | grep -a OF_THE_VICTIM',
    { proof: "secret" },
  ),
  "processes: descriptors": byAll(
    "takes a descriptor out of a process of the host's",
    perl(`
      my $process = syscall($ENV{NR_pidfd_open}, $ENV{VICTIM} + 0, 0); die "open: $!" if $process < 0;
      my $fd = syscall($ENV{NR_pidfd_getfd}, $process, 9, 0); die "get: $!" if $fd < 0;
      open(my $file, "<&=", $fd); sysseek($file, 0, 0); print <$file>;`),
    { proof: "secret" },
  ),
  "processes: files that are open": byAll(
    "opens what a process of the host's has open",
    'cat "/proc/$VICTIM/fd/9"',
    { proof: "secret" },
  ),
  "processes: memory": byAll(
    "reads the memory of a process of the host's",
    perl(`
      open(my $maps, "<", "/proc/$ENV{VICTIM}/maps") or die "maps: $!"; open(my $memory, "<", "/proc/$ENV{VICTIM}/mem") or die "mem: $!";
      while (<$maps>) {
        next unless /^(\\w+)-(\\w+) r.*\\[stack\\]/; my ($from, $to) = (hex $1, hex $2);
        sysseek($memory, $from, 0); sysread($memory, my $bytes, $to - $from); print "$1\\n" if $bytes =~ /OF_THE_VICTIM=([\\w-]+)/;
      }`),
    { proof: "secret" },
  ),
  "processes: memory across": byAll(
    "copies memory from a process of the host's",
    perl(`
      open(my $stat, "<", "/proc/$ENV{VICTIM}/stat") or die "stat: $!"; my @fields = split / /, (split /\\) /, <$stat>)[1];
      my $from = $fields[47]; my $size = $fields[48] - $from; die "nothing" if $size <= 0; my $bytes = "\\0" x $size;
      my $here = pack("QQ", unpack("Q", pack("P", $bytes)), $size); my $there = pack("QQ", $from, $size);
      syscall($ENV{NR_process_vm_readv}, $ENV{VICTIM} + 0, $here, 1, $there, 1, 0) > 0 or die "read: $!"; print "$bytes\\n";`),
    { proof: "secret" },
  ),
  "processes: shared memory": byAll(
    "attaches to memory that the host's processes share",
    `cat /dev/shm/*-of-the-host ${perl('my $id = shmget($ENV{SHARED_KEY} + 0, 0, 0); defined $id or die "get: $!"; shmread($id, my $text, 0, 64); print "$text\\n";')}`,
    { proof: "secret" },
  ),
  "processes: nicer than the host's": byAll(
    "takes precedence over the host's processes",
    "exec nice -n -15 sh -c 'echo holding; exec sleep 20'",
    { proof: isSomeoneFavoured((stat) => Number(stat[16]) < 0) },
  ),
  "processes: in real time": byAll(
    "runs in real time",
    "exec chrt --fifo 10 sh -c 'echo holding; exec sleep 20'",
    { proof: isSomeoneFavoured((stat) => Number(stat[38]) === 1) },
  ),
  "processes: ptrace of a neighbour": byAll(
    "traces a process of another sandbox's",
    'cat "/proc/$NEIGHBOUR/environ" | tr "\\0" "\\n"; kill -KILL "$NEIGHBOUR"',
    { proof: "secret", neighbour: true },
  ),
  "processes: a neighbour's files": byAll(
    "goes through the root of another sandbox's process",
    'cat "/proc/$NEIGHBOUR/cwd/of-the-neighbour" /proc/[0-9]*/cwd/of-the-neighbour',
    { proof: "secret", neighbour: true },
  ),
  "processes: outliving the session": {
    title: "takes off its marks, cuts itself loose twice, and outlives the session",
    as: "default-user",
    program: `(setsid env -i sh -c "ulimit -x 1; ulimit -w 1; (setsid env -i /bin/sleep 31.0$VICTIM &)" >/dev/null 2>&1 &)
sleep 1`,
    proof: { found: isSleeping },
    weakened: "process",
    async afterwards(stage) {
      await stage.sandbox?.root.halt({ graceMs: 0 });
    },
  },
  "processes: an end that is refused": {
    title: "stops the first process, refuses every signal and starts many others",
    as: "root",
    program: `kill -STOP 1; (trap "" TERM HUP INT; i=0; while [ $i -lt 200 ]; do i=$((i+1)); setsid env -i /bin/sleep 31.0$VICTIM & done) >/dev/null 2>&1 & sleep 0.3; echo holding; sleep 20`,
    proof: { found: isSleeping },
    weakened: "box",
    async afterwards(stage) {
      await stage.sandbox?.root.halt({ graceMs: 0 });
    },
  },
};

/** Whether what the program left is running, ended by the test afterwards. */
async function isSleeping(stage: Stage): Promise<boolean> {
  const script = `found=; for each in /proc/[0-9]*; do
    [ "$(tr '\\0' ' ' <$each/cmdline 2>/dev/null)" != "/bin/sleep $1 " ] || { found=found; kill -KILL "\${each#/proc/}"; }; done; echo $found`;
  const duration = `31.0${stage.outside.variables["VICTIM"]}`;
  return (await stage.onHost("sh", "-c", script, "sh", duration)).includes("found");
}

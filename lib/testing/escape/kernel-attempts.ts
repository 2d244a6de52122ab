import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { Attempt, Attempts } from "./attempt.ts";
import { hold, perl } from "./shell-text.ts";

/** Opens what belongs to the kernel, without writing to it. */
const opens = (
  title: string,
  program: string,
  name: RegExp,
  more: Partial<Attempt> = {},
): Attempt => ({
  title,
  as: "root",
  program,
  proof: { holds: name },
  weakened: "process",
  ...more,
});
/** Asks the kernel for something that only its master may have, in a way that changes nothing. */
const asks = (title: string, text: string, more: Partial<Attempt> = {}): Attempt => ({
  title,
  as: "root",
  program: perl(text),
  proof: { says: "allowed" },
  weakened: "process",
  ...more,
});
const own = (line: string) => `unshare --mount --propagation private sh -c '${line}'`;
const ownUser = (line: string) =>
  `unshare --user --map-root-user --mount --propagation private --pid --fork sh -c '${line}'`;
const CORE = /\/sys\/kernel\/core_pattern$|^\/core_pattern$/;
const node = (type: string, major: string | number, minor: string | number) =>
  `mknod node ${type} ${major} ${minor} && ${hold("node", "<")}`;

/** Whether a program that crashes leaves its memory in its working directory. */
const leavesCores = () => /^[^/|]/.test(readFileSync("/proc/sys/kernel/core_pattern", "utf8"));

/** Ways into the kernel: its settings, devices, file systems and calls. */
export const kernelAttempts: Attempts = {
  "kernel: core pattern": opens(
    "opens the pattern by which the kernel starts a program at a crash",
    hold("/proc/sys/kernel/core_pattern"),
    CORE,
  ),
  "kernel: a core": {
    title: "leaves what it had in memory at a crash where everybody of the host's may write",
    as: "root",
    program: `cd "$OPEN_DIRECTORY"; ulimit -c unlimited; ${perl("kill 11, $$; sleep 5;")}`,
    proof: "mark",
    weakened: "process",
    where: { words: "cores are left in the working directory", holds: leavesCores },
  },
  "kernel: core pattern unmasked": opens(
    "takes the cover off the kernel's settings and opens one",
    own(
      `umount /proc/sys; mount -o remount,bind,rw /proc/sys; ${hold("/proc/sys/kernel/core_pattern")}`,
    ),
    CORE,
  ),
  "kernel: core pattern of a fresh proc": opens(
    "mounts the processes once more and opens a setting there",
    own(`mkdir p; mount -t proc proc p && ${hold("p/sys/kernel/core_pattern")}`),
    CORE,
  ),
  "kernel: core pattern in a namespace of one's own": opens(
    "takes the cover off in a user namespace of its own",
    ownUser(
      `umount -l /proc/sys; mkdir p; mount -t proc proc p; ${hold("/proc/sys/kernel/core_pattern")} || ${hold("p/sys/kernel/core_pattern")}`,
    ),
    CORE,
    { as: "default-user" },
  ),
  "kernel: module path": opens(
    "opens the path of the program that loads modules",
    own(`umount /proc/sys; ${hold("/proc/sys/kernel/modprobe")}`),
    /kernel\/modprobe$/,
    { needs: "/proc/sys/kernel/modprobe" },
  ),
  "kernel: settings of all": opens(
    "opens a setting of the whole machine's",
    own(`umount /proc/sys; ${hold("/proc/sys/vm/drop_caches")}`),
    /vm\/drop_caches$/,
  ),
  "kernel: system requests": opens(
    "opens the trigger of system requests",
    own(`umount /proc/sysrq-trigger; ${hold("/proc/sysrq-trigger")}`),
    /sysrq-trigger$/,
    { needs: "/proc/sysrq-trigger" },
  ),
  "kernel: the log": opens(
    "opens the kernel's log",
    own(`umount /proc/kmsg; ${hold("/proc/kmsg", "<")}`),
    /\/kmsg$/,
  ),
  "kernel: memory": opens(
    "opens the machine's memory",
    own(`umount /proc/kcore; ${hold("/proc/kcore", "<")}`),
    /\/kcore$/,
    { needs: "/proc/kcore" },
  ),
  "devices: file systems of one's own": opens(
    "makes the device node by which programs are file systems",
    node("c", 10, 229),
    /\/node$/,
    { needs: "/dev/fuse" },
  ),
  "devices: network": opens(
    "makes the device node by which programs are networks",
    node("c", 10, 200),
    /\/node$/,
    { needs: "/dev/net/tun" },
  ),
  "devices: the log": opens("makes a device node of the kernel's log", node("c", 1, 11), /\/node$/),
  "devices: loop": opens(
    "makes the device node by which disks are made of files",
    node("c", 10, 237),
    /\/node$/,
  ),
  "devices: of one's own file system": opens(
    "makes a device node on a file system of its own",
    own(`mkdir m; mount -t tmpfs none m; cd m; ${node("c", 1, 11)}`),
    /\/node$/,
  ),
  "devices: what is there": opens(
    "opens any device that is mightier than a source of zeros",
    `for each in kmsg mem port kvm fuse net/tun loop-control mapper/control snapshot uhid vhost-net; do ${hold("/dev/$each", "<")}; done`,
    /^\/dev\/(kmsg|mem|port|kvm|fuse|net\/tun|loop-control|mapper\/control|snapshot|uhid|vhost-net)$/,
  ),
  "mounts: control groups": opens(
    "mounts the control groups and opens the program that is run when one is empty",
    own(
      `mkdir g; for each in memory pids cpu freezer cpu,cpuacct; do mount -t cgroup -o $each cgroup g && break; done; ${hold("g/release_agent")}`,
    ),
    /release_agent$/,
  ),
  "mounts: control groups, version 2": opens(
    "mounts the control groups of version 2 and opens the list of the topmost one's processes",
    `unshare --cgroup --mount --propagation private sh -c 'mkdir g; mount -t cgroup2 cgroup g; ${hold("g/cgroup.procs")}'`,
    /cgroup\.procs$/,
  ),
  "mounts: the kernel's objects": opens(
    "mounts the kernel's objects and opens one that the whole machine goes by",
    own(
      `mkdir s; mount -t sysfs sysfs s; cd s; for each in kernel/uevent_helper power/state kernel/mm/transparent_hugepage/enabled module/kernel/parameters/panic; do (: >>$each) 2>/dev/null && break; done; ${hold("$each")}`,
    ),
    /(uevent_helper|power\/state|transparent_hugepage\/enabled|parameters\/panic)$/,
  ),
  "mounts: another's root": {
    title: "mounts what the first process has as its root",
    as: "root",
    program: 'mkdir d; mount --rbind /proc/1/root d; cat "d$SECRET_FILE"',
    proof: "secret",
    weakened: "box",
  },
  "mounts: an overlay over the host": {
    title: "lays an overlay of its own over a directory of the host's",
    as: "root",
    program: `mkdir d; mount -t tmpfs none d; cd d; mkdir u w o; for each in "$(dirname "$SECRET_FILE")" "/proc/1/root$(dirname "$SECRET_FILE")"; do
      mount -t overlay o -o "lowerdir=$each,upperdir=u,workdir=w" o && cat o/secret; done`,
    proof: "secret",
    weakened: "box",
  },
  "mounts: traces": opens(
    "mounts the kernel's traces",
    own(
      `mkdir t; { mount -t tracefs tracefs t && ${hold("t/trace", "<")}; } || { mount -t debugfs debugfs t && ${hold("t/gpio", "<")}; } || { mount -t securityfs x t && ${hold("t", "<")}; } || { mount -t pstore x t && ${hold("t", "<")}; } || { mount -t configfs x t && ${hold("t", "<")}; } || { mount -t devtmpfs x t && ${hold("t/kmsg", "<")}; }`,
    ),
    /.*/,
    {
      proof: {
        found: ({ outside }, output) =>
          outside !== undefined && output.split("\n").includes("holding"),
      },
    },
  ),
  "mounts: devices of all": opens(
    "mounts the host's devices",
    own(`mkdir d; mount -t devtmpfs devtmpfs d && ${hold("d/kmsg", "<")}`),
    /kmsg$/,
  ),
  "mounts: the disk": {
    title: "mounts the host's disk",
    as: "root",
    program: own(
      'mkdir d; mknod n b $DEVICE_MAJOR $DEVICE_MINOR; for kind in ext4 xfs btrfs; do mount -t $kind n d; done; cat "d$SECRET_FILE"',
    ),
    proof: "secret",
    weakened: "process",
  },
  "mounts: seen outside": {
    title: "mounts something where the host sees it",
    as: "root",
    program: 'mkdir m; mount -t tmpfs "mark-$VICTIM" m; echo holding; sleep 20',
    proof: {
      found: async ({ outside, onHost }) =>
        (await onHost("cat", "/proc/1/mountinfo", "/proc/self/mountinfo")).includes(
          `mark-${outside.variables["VICTIM"]}`,
        ),
    },
    weakened: "box",
  },
  "namespaces: of the first process": {
    title: "enters the namespaces of the first process and of its parent",
    as: "root",
    program:
      'for each in 1 $PPID; do nsenter --target $each --mount -- cat "$SECRET_FILE"; nsenter --target $each --all -- cat "$SECRET_FILE"; done',
    proof: "secret",
    weakened: "process",
  },
  "namespaces: of any process": {
    title: "enters the namespaces of whatever process it sees",
    as: "root",
    program:
      'for each in /proc/[0-9]*/ns/mnt; do nsenter --mount=$each -- cat "$SECRET_FILE" && break; done 2>/dev/null',
    proof: "secret",
    weakened: "process",
  },
  "calls: modules": asks(
    "loads a module of the kernel's",
    'my $n = "x"; syscall($ENV{NR_finit_module}, -1, $n, 0); print $!{EBADF} ? "allowed\\n" : "$!\\n"',
    { needs: "/proc/modules" },
  ),
  "calls: reboot": {
    title: "restarts the machine",
    as: "root",
    // Where the first process is the machine's own, it does not try: the weakened machine must be none.
    program: `tr "\\0" " " </proc/1/cmdline | grep -q "sleep 600 \\|wait \\$!" || exit 1; ${perl(
      "sleep 1; syscall($ENV{NR_reboot}, 0xfee1dead, 0x28121969, 0x01234567, 0)",
    )}`,
    proof: "victim",
    weakened: "box",
  },
  "calls: swap": asks(
    "adds swap",
    'my $p = "/nowhere"; syscall($ENV{NR_swapon}, $p, 0); print $!{ENOENT} ? "allowed\\n" : "$!\\n"',
  ),
  "calls: accounting": asks(
    "has the kernel write accounts",
    'my $p = "/nowhere"; syscall($ENV{NR_acct}, $p); print $!{ENOENT} ? "allowed\\n" : "$!\\n"',
  ),
  "calls: time": asks(
    "sets the machine's clock",
    `my $time = "\\0" x 256; syscall($ENV{NR_adjtimex}, $time) >= 0 or die "read: $!"; substr($time, 0, 4) = pack("I", 0x4000);
     print syscall($ENV{NR_adjtimex}, $time) >= 0 ? "allowed\\n" : "$!\\n"`,
  ),
  "calls: BPF": asks(
    "loads a program into the kernel",
    `my $map = pack("IIII", 2, 4, 8, 1) . ("\\0" x 112); print syscall($ENV{NR_bpf}, 0, $map, 128) >= 0 ? "allowed\\n" : "$!\\n"`,
  ),
  "calls: counting events": asks(
    "counts the kernel's events",
    `my $event = pack("IIQQQQQ", 1, 112, 1, 0, 0, 0, 0) . ("\\0" x 64); print syscall($ENV{NR_perf_event_open}, $event, -1, 0, -1, 0) >= 0 ? "allowed\\n" : "$!\\n"`,
  ),
  "calls: faults": asks(
    "handles the kernel's own page faults",
    'print syscall($ENV{NR_userfaultfd}, 0) >= 0 ? "allowed\\n" : "$!\\n"',
    { as: "default-user" },
  ),
  "calls: the log": asks(
    "reads the kernel's log by a call",
    'my $text = "\\0" x 4096; print syscall($ENV{NR_syslog}, 3, $text, 4096) >= 0 ? "allowed\\n" : "$!\\n"',
  ),
  "calls: the host's name": {
    title: "changes the host's name",
    as: "root",
    program: "hostname hijacked; hostname",
    proof: { found: async ({ onHost }) => (await onHost("hostname")).trim() === "hijacked" },
    weakened: "box",
  },
  "calls: knowing the host's name": {
    title: "learns the host's name",
    as: "default-user",
    program: "hostname; uname -n; cat /proc/sys/kernel/hostname; cat /etc/hostname /etc/hosts",
    proof: { found: (_stage, output) => output.split(/\s/).includes(hostname()) },
    weakened: "process",
  },
};

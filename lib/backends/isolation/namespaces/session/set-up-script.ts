import { DEVICES } from "../system/system-files.ts";

/** Where the session's file system is put together before it becomes the root: there on every machine, and no file of ours below. */
const STAGE = "/sys";
/** Where the host's root waits to be detached. The system layer has the directory. */
export const HOSTS_ROOT = "/mnt";
/** Where drives wait for their places, on a file system of the session's own. */
const WAITING_DRIVES = "/run/sandlot-drives";

/** What a session's file system is made of. Relative paths begin at the directory in which the script is run. */
export interface SessionMounts {
  /** What all sandboxes stand on, the topmost first: directories for `/` and for `/usr`. */
  base: { root: readonly string[]; usr: readonly string[] };
  /** Upper directories of snapshots, the newest first: each holds `root` and `usr`. */
  layers: readonly string[];
  /** Holds `upper` and `work`, with `root` and `usr` in each. */
  own: string;
  /** Directories by relative path, and the absolute places at which commands see them. */
  drives: readonly { source: string; path: string }[];
  /** What `/proc` has here that tells of the host. */
  hidden: { files: readonly string[]; directories: readonly string[] };
}

/** The lines of an fstab(5), for one call of mount(8): each further call would cost a millisecond. */
export function fileSystemTable(mounts: SessionMounts): string {
  const { base, layers, own, drives, hidden } = mounts;
  const overlay = (name: "root" | "usr", at: string) => {
    const lower = [...layers.map((layer) => `${layer}/${name}`), ...base[name]];
    const upper = `upperdir=${own}/upper/${name},workdir=${own}/work/${name}`;
    return `overlay ${at} overlay lowerdir=${lower.join(":")},${upper},userxattr`;
  };
  const lines = [
    overlay("root", STAGE),
    overlay("usr", `${STAGE}/usr`),
    `proc ${STAGE}/proc proc nosuid,nodev,noexec`,
    `tmpfs ${STAGE}/run tmpfs nosuid,nodev,mode=755,size=64m`,
    `tmpfs ${STAGE}/dev/shm tmpfs nosuid,nodev,mode=1777`,
    `devpts ${STAGE}/dev/pts devpts newinstance,ptmxmode=0666,mode=620,nosuid,noexec`,
    ...DEVICES.map((name) => `/dev/${name} ${STAGE}/dev/${name} none bind`),
    ...hidden.files.map((name) => `/dev/null ${STAGE}/proc/${name} none bind`),
    ...hidden.directories.map((name) => `tmpfs ${STAGE}/proc/${name} tmpfs ro,size=0,mode=555`),
    ...READ_ONLY.map((name) => `${STAGE}/proc/${name} ${STAGE}/proc/${name} none bind,ro`),
    ...drives.map(
      ({ source }, index) =>
        `${source} ${STAGE}${WAITING_DRIVES}/${index} none bind,X-mount.mkdir`,
    ),
  ];
  return `${lines.map((line) => `${line} 0 0`).join("\n")}\n`;
}

const READ_ONLY = ["sys", "irq", "bus", "fs"];

/** What a sandbox has no business to know of the machine. Which of it exists depends on the kernel. */
export const HIDDEN_IN_PROC = {
  files: [
    "cmdline",
    "config.gz",
    "interrupts",
    "iomem",
    "ioports",
    "kallsyms",
    "kcore",
    "key-users",
    "keys",
    "kmsg",
    "latency_stats",
    "modules",
    "mtrr",
    "sched_debug",
    "slabinfo",
    "sysrq-trigger",
    "timer_list",
    "timer_stats",
    "vmallocinfo",
  ],
  directories: ["acpi", "asound", "driver", "scsi"],
} as const;

export interface SetUpOptions {
  /** Path of the fstab, relative to the directory in which the script is run. */
  table: string;
  hostname: string;
  /** The most processes that the session may have, where the kernel counts them per namespace. */
  processes: number;
  drives: SessionMounts["drives"];
  /** Made for the default user where they are missing. */
  directories: readonly string[];
  owner: string;
}

/**
 * What the first process of a session does, as root of its user namespace. It says `pivoted` when its
 * root is the sandbox's, and must do nothing but wait from then on until the host's root, which is still
 * mounted, was detached by a program of the host's: any other could be the sandbox's own.
 * Then it goes on at a line on its stdin, says `ready`, and waits for whatever is left behind.
 */
export function setUpScript(options: SetUpOptions): string {
  const { table, hostname, processes, drives, directories, owner } = options;
  const place = ({ path }: { path: string }, index: number) =>
    `mkdir -p -- ${quoted(path)} && mount --move ${WAITING_DRIVES}/${index} ${quoted(path)}`;
  const makeDirectory = (path: string) =>
    `[ -d ${quoted(path)} ] || { mkdir -p -- ${quoted(path)} && chown ${owner} -- ${quoted(path)}; }`;
  return [
    "set -e",
    "umask 022",
    // Per pid namespace since Linux 6.14; before, the namespace's root may not write it.
    `{ echo ${processes} >/proc/sys/kernel/pid_max; } 2>/dev/null || :`,
    `mount -c -n -a -T ${table}`,
    `cd ${STAGE}`,
    `pivot_root . .${HOSTS_ROOT}`,
    "cd /",
    "unset OLDPWD",
    "echo pivoted",
    "read -r _",
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
    `hostname ${quoted(hostname)} 2>/dev/null || :`,
    "mkdir -m 1777 /run/lock",
    ...drives.map(place),
    ...directories.map(makeDirectory),
    "echo ready",
    "exec </dev/null >/dev/null 2>&1",
    // Its own name and arguments are what `ps` shows of process 1.
    `exec setsid sh -c ${quoted(REAPER)} init`,
  ].join("\n");
}

// `wait` also takes in orphans, which no other process would. It needs something to wait for.
const LONG = ["sleep", "2147483"];
const REAPER = `trap : TERM INT HUP; while :; do ${LONG.join(" ")} & wait $!; done`;
/** What the first process waits for is told by this from what a command left. */
export const REAPER_COMMAND_LINE = LONG.map((word) => `${word}\0`).join("");

function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

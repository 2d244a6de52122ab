import { shellWord } from "../../../../std/shell-word.ts";
import { DEVICES } from "../system/system-files.ts";

/** Where the session's file system is put together before it becomes the root: there on every machine, and no file of ours below. */
const STAGE = "/sys";
/** Where the host's root waits to be detached: over a directory of the session's own, which is seen again then. */
export const HOSTS_ROOT = "/dev/shm";
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

/** The overlay that is the session's root, as mount(8)'s arguments. */
function rootOverlay(mounts: SessionMounts): string {
  return `-t overlay -o ${overlayOptions(mounts, "root")} overlay ${STAGE}`;
}

function overlayOptions({ base, layers, own }: SessionMounts, name: "root" | "usr"): string {
  const lower = [...layers.map((layer) => `${layer}/${name}`), ...base[name]];
  const place = (kind: "upper" | "work") => `${kind}dir=${own}/${kind}/${name}`;
  return `lowerdir=${lower.join(":")},${place("upper")},${place("work")},userxattr`;
}

interface Mount {
  /** As commands see it. */
  path: string;
  /** What stands before and after the place in an fstab(5). */
  source: string;
  options: string;
}

/** What is mounted on the root overlay, in order. */
function mountsOnRoot(mounts: SessionMounts): Mount[] {
  const { drives, hidden } = mounts;
  return [
    { path: "/usr", source: "overlay", options: `overlay ${overlayOptions(mounts, "usr")}` },
    { path: "/proc", source: "proc", options: "proc nosuid,nodev,noexec" },
    { path: "/run", source: "tmpfs", options: "tmpfs nosuid,nodev,mode=755,size=64m" },
    {
      path: "/run/lock",
      source: "tmpfs",
      options: "tmpfs nosuid,nodev,noexec,mode=1777,size=5m,X-mount.mkdir",
    },
    { path: "/dev/shm", source: "tmpfs", options: "tmpfs nosuid,nodev,mode=1777" },
    {
      path: "/dev/pts",
      source: "devpts",
      options: "devpts newinstance,ptmxmode=0666,mode=620,nosuid,noexec",
    },
    ...DEVICES.map((name) => ({
      path: `/dev/${name}`,
      source: `/dev/${name}`,
      options: "none bind",
    })),
    ...hidden.files.map((name) => ({
      path: `/proc/${name}`,
      source: "/dev/null",
      options: "none bind",
    })),
    ...hidden.directories.map((name) => ({
      path: `/proc/${name}`,
      source: "tmpfs",
      options: "tmpfs ro,size=0,mode=555",
    })),
    ...READ_ONLY.map((name) => ({
      path: `/proc/${name}`,
      source: `${STAGE}/proc/${name}`,
      options: "none bind,ro",
    })),
    ...drives.map(({ source }, index) => ({
      path: `${WAITING_DRIVES}/${index}`,
      source,
      options: "none bind,X-mount.mkdir",
    })),
  ];
}

/** The lines of an fstab(5), for one call of mount(8): each further call would cost a millisecond. */
export function fileSystemTable(mounts: SessionMounts): string {
  const lines = mountsOnRoot(mounts).map(
    ({ path, source, options }) => `${source} ${STAGE}${path} ${options} 0 0`,
  );
  return `${lines.join("\n")}\n`;
}

/** Every place at which something is mounted once the host's root is gone, and before drives are moved. */
export function mountPoints(mounts: SessionMounts): ReadonlySet<string> {
  return new Set(["/", ...mountsOnRoot(mounts).map(({ path }) => path)]);
}

/**
 * Makes what is mounted on a directory or a file of its own: a snapshot may hold a link there, which
 * mount(8) would follow to the host's.
 */
function placesScript(): string {
  const directories = ["usr", "proc", "run", "dev", "dev/shm", "dev/pts"].map(
    (path) => `${STAGE}/${path}`,
  );
  const files = DEVICES.map((name) => `${STAGE}/dev/${name}`);
  return [
    `for place in ${directories.join(" ")}; do`,
    '{ [ -d "$place" ] && [ ! -L "$place" ]; } || { rm -rf -- "$place"; mkdir -- "$place"; }',
    "done",
    `for place in ${files.join(" ")}; do`,
    '{ [ -f "$place" ] && [ ! -L "$place" ]; } || { rm -rf -- "$place"; : >"$place"; }',
    "done",
  ].join("\n");
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
  mounts: SessionMounts;
  /** Path of the fstab, relative to the directory in which the script is run. */
  table: string;
  hostname: string;
  /** The most processes that the session may have, where the kernel counts them per namespace. */
  processes: number;
  /** Made for the default user where they are missing. */
  directories: readonly string[];
  owner: string;
}

/**
 * What the first process of a session does, as root of its user namespace. It says `pivoted` when its
 * root is the sandbox's, and must do nothing but wait from then on until the host's root, which is still
 * mounted, was detached by a program of the host's: any other could be the sandbox's own.
 * Then it goes on at a line on its stdin, says `standing`, and waits to be given to a session by a line of
 * `sh`. It says `ready`, and waits for whatever is left behind. Without that line it ends.
 */
export function setUpScript(options: SetUpOptions): string {
  const { mounts, table, hostname, processes, directories, owner } = options;
  const place = ({ path }: { path: string }, index: number) =>
    `mkdir -p -- ${shellWord(path)} && mount --move ${WAITING_DRIVES}/${index} ${shellWord(path)}`;
  const makeDirectory = (path: string) =>
    `[ -d ${shellWord(path)} ] || { mkdir -p -- ${shellWord(path)} && chown ${owner} -- ${shellWord(path)}; }`;
  return [
    "set -e",
    "umask 022",
    // Per pid namespace since Linux 6.14; before, the namespace's root may not write it.
    `{ echo ${processes} >/proc/sys/kernel/pid_max; } 2>/dev/null || :`,
    `mount -c -n ${rootOverlay(mounts)}`,
    placesScript(),
    `mount -c -n -a -T ${table}`,
    `cd ${STAGE}`,
    `pivot_root . .${HOSTS_ROOT}`,
    "cd /",
    "unset OLDPWD",
    "echo pivoted",
    "read -r _",
    "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
    `hostname ${shellWord(hostname)} 2>/dev/null || :`,
    ...mounts.drives.map(place),
    ...directories.map(makeDirectory),
    // Its own name and arguments are what `ps` shows of process 1.
    `exec setsid sh -c ${shellWord(REAPER)} init`,
  ].join("\n");
}

// `wait` also takes in orphans, which no other process would. It needs something to wait for.
const LONG = ["sleep", "2147483"];
const REAPER = [
  "trap : TERM INT HUP",
  `${LONG.join(" ")} </dev/null >/dev/null 2>&1 & echo standing`,
  'IFS= read -r given || exit; eval "$given"; unset given; echo ready',
  "exec </dev/null >/dev/null 2>&1",
  `while :; do wait $!; ${LONG.join(" ")} & done`,
].join("; ");
/** What the first process waits for is told by this from what a command left. */
export const REAPER_COMMAND_LINE = LONG.map((word) => `${word}\0`).join("");

import { SandboxUser } from "../../../../contract/sandbox-user.ts";

/**
 * What of the host's `/etc` a sandbox sees, besides what is written for it. A list of what may be
 * seen, not of what may not: a file that nobody thought of stays outside.
 */
export const ETC_ENTRIES: readonly string[] = [
  "adduser.conf",
  "alternatives",
  "apt/keyrings",
  "apt/preferences.d",
  "apt/sources.list",
  "apt/sources.list.d",
  "apt/trusted.gpg.d",
  "bash.bashrc",
  "bash_completion.d",
  "bindresvport.blacklist",
  "ca-certificates",
  "ca-certificates.conf",
  "crypto-policies",
  "debconf.conf",
  "debian_version",
  "default/locale",
  "default/useradd",
  "deluser.conf",
  "dpkg",
  "emacs",
  "fonts",
  "gai.conf",
  "groff",
  "host.conf",
  "inputrc",
  "issue",
  "issue.net",
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "libnl-3",
  "locale.alias",
  "locale.conf",
  "locale.gen",
  "localtime",
  "login.defs",
  "lsb-release",
  "magic",
  "magic.mime",
  "mailcap",
  "manpath.config",
  "mime.types",
  "nanorc",
  "networks",
  "nsswitch.conf",
  "openssl",
  "os-release",
  "pam.conf",
  "pam.d",
  "perl",
  "pki/ca-trust",
  "pki/tls/certs",
  "profile",
  "profile.d",
  "protocols",
  "python3",
  "rpc",
  "security/access.conf",
  "security/group.conf",
  "security/limits.conf",
  "security/namespace.conf",
  "security/pam_env.conf",
  "security/time.conf",
  "services",
  "shells",
  "skel",
  "ssl/certs",
  "ssl/openssl.cnf",
  "terminfo",
  "timezone",
  "ucf.conf",
  "vim",
  "wgetrc",
  "X11",
  "xattr.conf",
  "xdg",
];

/** Of the host's `/var`: what its package manager knows of the files in `/usr`. */
export const VAR_ENTRIES: readonly string[] = [
  "lib/apt/extended_states",
  "lib/dpkg/alternatives",
  "lib/dpkg/arch",
  "lib/dpkg/diversions",
  "lib/dpkg/info",
  "lib/dpkg/status",
  "lib/dpkg/triggers",
  "lib/pam",
  "lib/ucf",
];

/** Directories that are there and empty, with modes where they are not 755. */
export const EMPTY_DIRECTORIES: readonly (readonly [path: string, mode?: number])[] = [
  ["dev/pts"],
  ["dev/shm"],
  ["etc/apt/apt.conf.d"],
  ["etc/sudoers.d", 0o750],
  ["home"],
  ["media"],
  ["mnt"],
  ["opt"],
  ["proc"],
  ["root", 0o700],
  ["run"],
  ["srv"],
  ["sys"],
  ["tmp", 0o1777],
  ["usr"],
  ["var/backups"],
  ["var/cache/apt/archives/partial"],
  ["var/cache/debconf"],
  ["var/cache/ldconfig"],
  ["var/lib/apt/lists/partial"],
  ["var/lib/dpkg/parts"],
  ["var/lib/dpkg/updates"],
  ["var/lib/misc"],
  ["var/local"],
  ["var/log/apt"],
  ["var/mail"],
  ["var/opt"],
  ["var/spool"],
  ["var/tmp", 0o1777],
];

/** Links of the root directory and below it: name and target. */
export const LINKS: readonly (readonly [path: string, target: string])[] = [
  ["dev/fd", "/proc/self/fd"],
  ["dev/ptmx", "pts/ptmx"],
  ["dev/stderr", "/proc/self/fd/2"],
  ["dev/stdin", "/proc/self/fd/0"],
  ["dev/stdout", "/proc/self/fd/1"],
  ["etc/mtab", "/proc/self/mounts"],
  ["var/lock", "/run/lock"],
  ["var/run", "/run"],
];

/** The host's devices that are harmless to share; each is mounted over an empty file. */
export const DEVICES: readonly string[] = ["full", "null", "random", "tty", "urandom", "zero"];

/** What links of the host's root lead into `/usr`, on a system where that is merged. */
export const MERGED_DIRECTORIES: readonly string[] = [
  "bin",
  "lib",
  "lib32",
  "lib64",
  "libx32",
  "sbin",
];

// apt drops its rights for downloads, which takes an id that a sandbox with a single one has not.
const APT_SINGLE_ID = 'APT::Sandbox::User "root";\n';

/** Files that are written for the sandbox. */
export function writtenFiles({ singleId }: { singleId: boolean }): Record<string, string> {
  return {
    "etc/hostname": "sandbox\n",
    "etc/hosts": "127.0.0.1 localhost sandbox\n::1 localhost ip6-localhost ip6-loopback\n",
    "etc/environment": "",
    "etc/machine-id": "",
    // Only read once the real sudo is installed in the sandbox: then too, no password is asked for.
    "etc/sudoers.d/90-default-user": SandboxUser.options
      .map((name) => `${name} ALL=(ALL:ALL) NOPASSWD:ALL\n`)
      .join(""),
    "etc/subuid": "",
    "etc/subgid": "",
    "var/lib/dpkg/lock": "",
    "var/lib/dpkg/lock-frontend": "",
    "var/lib/dpkg/available": "",
    "var/cache/apt/archives/lock": "",
    "var/lib/apt/lists/lock": "",
    ...(singleId && { "etc/apt/apt.conf.d/90-single-id": APT_SINGLE_ID }),
  };
}

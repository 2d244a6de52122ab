import { readFile } from "node:fs/promises";

/** What a kernel says of itself. Only read to explain a failure that was seen. */
export interface KernelSettings {
  /** Of every kind that is set to nothing: the sysctl's name. */
  noNamespaces: string[];
  /** Debian's switch: ordinary users may make none. */
  usersForbidden: boolean;
  /** Ubuntu's: those of ordinary users have no power unless a profile gives it. */
  restrictedByProfile: boolean;
  /** A filter of system calls, as containers have it. */
  filtered: boolean;
}

const KINDS = ["user", "mnt", "pid", "ipc", "uts", "net"];

export async function readKernelSettings(): Promise<KernelSettings> {
  const read = (file: string) => readFile(file, "utf8").catch(() => ""); // Not every kernel has every switch.
  const [clone, profile, status, ...limits] = await Promise.all([
    read("/proc/sys/kernel/unprivileged_userns_clone"),
    read("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
    read("/proc/self/status"),
    ...KINDS.map((kind) => read(`/proc/sys/user/max_${kind}_namespaces`)),
  ]);
  return {
    noNamespaces: KINDS.filter((_, index) => limits[index]?.trim() === "0").map(
      (kind) => `user.max_${kind}_namespaces`,
    ),
    usersForbidden: clone?.trim() === "0",
    restrictedByProfile: profile?.trim() === "1",
    filtered: /^Seccomp:\s*2$/m.test(status ?? ""),
  };
}

/** Why namespaces could not be made, from what was said when they were tried, and what would help. */
export function explainNamespaces(
  complaint: string,
  settings: KernelSettings,
): { reason: string; advice: string } {
  const said = complaint.split("\n")[0]?.trim() ?? "";
  if (/No space left|Disk quota exceeded|EUSERS|ENOSPC|Too many users/i.test(said)) {
    const [name] = settings.noNamespaces;
    return name
      ? {
          reason: `This machine allows no namespaces (${name} is 0).`,
          advice: sysctl(name, 15_000),
        }
      : {
          reason: `This machine allows no more namespaces (${said}).`,
          advice: sysctl("user.max_user_namespaces", 63_000),
        };
  }
  if (/not permitted|denied|EPERM|EACCES/i.test(said)) return explainRefusal(said, settings);
  return {
    reason: `Namespaces could not be made: ${said || "nobody said why"}.`,
    advice:
      "unshare --user --map-root-user --mount --pid --fork --net true   # shows the same failure",
  };
}

function explainRefusal(
  said: string,
  { usersForbidden, restrictedByProfile, filtered }: KernelSettings,
): { reason: string; advice: string } {
  if (usersForbidden) {
    return {
      reason:
        "This machine forbids ordinary users namespaces (kernel.unprivileged_userns_clone is 0).",
      advice: sysctl("kernel.unprivileged_userns_clone", 1),
    };
  }
  if (restrictedByProfile) {
    return {
      reason:
        "AppArmor leaves ordinary users' namespaces without power (kernel.apparmor_restrict_unprivileged_userns is 1, as on Ubuntu since 23.10).",
      advice: sysctl("kernel.apparmor_restrict_unprivileged_userns", 0),
    };
  }
  if (filtered) {
    return {
      reason: "A filter of system calls, such as a container's, forbids namespaces.",
      advice: "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined ...",
    };
  }
  return {
    reason: `This machine refuses namespaces to this user (${said}).`,
    advice: "sudo sandlot doctor   # tells whether root may have them",
  };
}

/** For now and for every later start of the machine. */
function sysctl(name: string, value: number): string {
  return `echo '${name} = ${value}' | sudo tee /etc/sysctl.d/60-sandlot.conf && sudo sysctl --system`;
}

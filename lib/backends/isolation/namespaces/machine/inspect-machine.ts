import { mkdir } from "node:fs/promises";
import { release } from "node:os";
import { inspectControlGroups } from "./control-groups.ts";
import { explainNamespaces, readKernelSettings } from "./explain-namespaces.ts";
import type { IdMap } from "./id-map.ts";
import type { Machine, Offer } from "./machine.ts";
import { rootRange } from "./root-range.ts";
import { runProgram } from "./run-program.ts";
import { type SessionTrial, trySession } from "./session-trial.ts";
import { subordinateIds } from "./sub-ids.ts";

const PROGRAMS = ["unshare", "nsenter", "setpriv", "mount", "umount", "pivot_root"];
const HELPERS = ["pasta", "slirp4netns"];

export interface InspectMachineOptions {
  /** On the file system where sandboxes' files would be; nothing is left in it. */
  directory: string;
  /** Where an ordinary user's newuidmap(1) is looked for; by default where systems keep programs. */
  searchPath?: string | undefined;
  /** Root here is root of a user namespace in which nobody else has ids. */
  isOuterRoot?: boolean;
}

/**
 * What this machine gives to sandboxes, found by putting one together and by making control groups.
 * Leaves nothing running. What the machine lacks is the answer; it rejects only where it cannot write.
 */
export async function inspectMachine(options: InspectMachineOptions): Promise<Machine> {
  const { directory } = options;
  const user = { uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 };
  const kernel = release();
  if (process.platform !== "linux") return { kernel, user, ...NOT_LINUX };
  await mkdir(directory, { recursive: true });
  const [tools, cgroups, { trial, ids }] = await Promise.all([
    inspectPrograms(),
    inspectControlGroups(options),
    tryBest(user, options),
  ]);
  const namespaces = await namespacesOffer(trial, tools.programs);
  return {
    kernel,
    user,
    programs: tools.programs,
    namespaces,
    ids,
    overlay: within(namespaces, () =>
      offerOf(trial.overlay, {
        reason: "A writable system cannot be laid over the host's",
        advice: "SANDLOT_HOME=/a/folder/on/ext4-xfs-or-btrfs (with Linux 5.11 or newer)",
      }),
    ),
    processLimit: within(namespaces, () =>
      offerOf(trial.processLimit, {
        reason: "Linux before 6.14 counts processes per user only, not per sandbox",
        advice: "Run Linux 6.14 or newer.",
      }),
    ),
    cgroups,
    network: within(namespaces, () => networkOffer(trial, tools.ip)),
    networkHelpers: tools.helpers,
  };
}

interface Tools {
  programs: Machine["programs"];
  ip: string | undefined;
  helpers: string[];
}

/** One shell asks for all, so that this process starts one program. */
async function inspectPrograms(): Promise<Tools> {
  const ask = (name: string) => `echo "${name}: $(${name} --version 2>/dev/null | head -n 1)"`;
  const has = (name: string) => `command -v ${name} >/dev/null && echo "${name}: there"`;
  const script = [...PROGRAMS.map(ask), 'echo "ip: $(ip -V 2>/dev/null)"', ...HELPERS.map(has)];
  const { stdout } = await runProgram(["sh", "-c", script.join("\n")]);
  const found = new Map(
    stdout.split("\n").flatMap((line) => {
      const parts = /^(\w+): (.+)$/.exec(line);
      return parts ? [[parts[1]!, parts[2]!]] : [];
    }),
  );
  const missing = PROGRAMS.filter((name) => !/util-linux/.test(found.get(name) ?? ""));
  const version = /\d+(?:\.\d+)+/.exec(found.get("unshare") ?? "")?.[0] ?? "unknown";
  return {
    programs:
      missing.length === 0
        ? { offered: true, version }
        : {
            offered: false,
            reason: `${missing.join(", ")} of util-linux ${missing.length === 1 ? "is" : "are"} missing.`,
            advice: install("util-linux mount"),
          },
    ip: found.get("ip"),
    helpers: HELPERS.filter((name) => found.has(name)),
  };
}

/** What cannot be had without namespaces, and so was not tried, lacks them. */
function within<Given>(namespaces: Offer, offer: () => Offer<Given>): Offer<Given> {
  if (namespaces.offered) return offer();
  return { offered: false, reason: "It needs namespaces.", advice: namespaces.advice };
}

/** The best map is tried first, and then what is left. */
async function tryBest(
  user: Machine["user"],
  { directory, searchPath, isOuterRoot = false }: InspectMachineOptions,
): Promise<{ trial: SessionTrial; ids: Machine["ids"] }> {
  const wanted =
    user.uid === 0 ? await rangeOffer({ isOuterRoot }) : await subordinateIds(user, { searchPath });
  if (!wanted.offered)
    return { trial: await trySession(singleOf(user), { directory }), ids: wanted };
  const trial = await trySession(wanted.map, { directory, searchPath });
  if (trial.ids === "ok" || trial.namespaces !== UNTRIED) return { trial, ids: wanted };
  const ids: Machine["ids"] = {
    offered: false,
    reason: trial.ids,
    advice: "sudo chmod u+s /usr/bin/newuidmap /usr/bin/newgidmap",
  };
  return { trial: await trySession(singleOf(user), { directory }), ids };
}

const UNTRIED: SessionTrial["namespaces"] = "not tried";

async function rangeOffer(options: {
  isOuterRoot: boolean;
}): Promise<Offer<{ map: Extract<IdMap, { kind: "range" }> }>> {
  const map = await rootRange(options);
  if (map) return { offered: true, map };
  return {
    offered: false,
    reason: "Root has too few ids here to give sandboxes a range of their own.",
    advice: "Run the engine as an ordinary user.",
  };
}

function singleOf(user: Machine["user"]): IdMap {
  return { kind: "single", ...user };
}

async function namespacesOffer(
  trial: SessionTrial,
  programs: Machine["programs"],
): Promise<Machine["namespaces"]> {
  if (!programs.offered) return programs;
  if (trial.namespaces === "ok") return { offered: true };
  const complaint = trial.namespaces === UNTRIED ? trial.ids : trial.namespaces;
  return { offered: false, ...explainNamespaces(complaint, await readKernelSettings()) };
}

function networkOffer(trial: SessionTrial, ip: string | undefined): Machine["network"] {
  if (ip === undefined) {
    return {
      offered: false,
      reason: "Sandboxes reach nothing outside: ip(8) is missing.",
      advice: install("iproute2"),
    };
  }
  const offer = offerOf(trial.network, {
    reason: "A sandbox's network cannot be connected with the engine",
    advice: "sudo modprobe veth",
  });
  return offer.offered
    ? { offered: true, ip: /iproute2-([\w.]+)/.exec(ip)?.[1] ?? "unknown" }
    : offer;
}

function offerOf(said: string, { reason, advice }: { reason: string; advice: string }): Offer {
  if (said === "ok") return { offered: true };
  return { offered: false, reason: `${reason} (${said || "nobody said why"}).`, advice };
}

function install(packages: string): string {
  return `sudo apt-get install -y ${packages}   # or your system's way`;
}

const NOT_LINUX = (() => {
  const lack = {
    offered: false,
    reason: "Namespaces are a thing of Linux.",
    advice: "Run it on Linux.",
  } as const;
  return {
    programs: lack,
    namespaces: lack,
    ids: lack,
    overlay: lack,
    processLimit: lack,
    cgroups: lack,
    network: lack,
    networkHelpers: [],
  };
})();

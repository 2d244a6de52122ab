import { inspectMachine as inspect } from "../backends/isolation/namespaces/machine/inspect-machine.ts";
import type { Machine, Offer } from "../backends/isolation/namespaces/machine/machine.ts";
import { mapperPath } from "./mapper-path.ts";

/** One thing that isolated sandboxes need of a machine, in words. */
export interface MachinePart {
  name: string;
  /** `needed`: without it no sandbox can be isolated; `wanted`: it lacks something then; `extra`: hardly. */
  worth: "needed" | "wanted" | "extra";
  offered: boolean;
  /** What was found and what it is for, or what is missing. */
  detail: string;
  /** The one command or step that would add it. */
  advice?: string;
}

/**
 * What this machine gives to sandboxes with `namespaces` isolation. Tries it all, with files below the
 * directory, which has to be on the disk that sandboxes would be on. Starts no engine and leaves nothing.
 */
export async function inspectMachine(directory: string): Promise<MachinePart[]> {
  const machine = await inspect({ directory, searchPath: mapperPath(process.env) });
  const { namespaces } = machine;
  if (process.platform === "linux") return describeMachine(machine);
  return [part("namespaces", "needed", namespaces, () => "")];
}

/** As `inspectMachine`, of a machine that was looked at. */
export function describeMachine(machine: Machine): MachinePart[] {
  const { programs, namespaces, overlay, processLimit, cgroups, network } = machine;
  const parts: MachinePart[] = [
    part("util-linux", "needed", programs, ({ version }) => `version ${version}`),
    part(
      "namespaces",
      "needed",
      namespaces,
      () => `Linux ${machine.kernel}: own files, processes, host name and network per sandbox`,
    ),
    part("overlay", "needed", overlay, () => "a system to write to, above this machine's own"),
    idRange(machine),
    part("cgroups", "wanted", cgroups, describeGroups),
    part(
      "process limit",
      // The groups count processes, too.
      hasController(machine, "pids") ? "extra" : "wanted",
      processLimit,
      () => "the kernel counts processes per sandbox",
    ),
    part("network", "wanted", network, ({ ip }) => `by ip ${ip} and the engine's own gateway`),
    networkHelper(machine.networkHelpers),
    {
      name: "disk limit",
      worth: "extra",
      offered: false,
      detail: "none per sandbox; no single file may take the last gigabyte of the disk",
    },
  ];
  // Without namespaces nothing that happens in them was tried.
  return namespaces.offered ? parts : parts.filter(({ name }) => !INSIDE.includes(name));
}

const INSIDE = ["overlay", "process limit", "network", "network helper", "disk limit"];

function part<Given>(
  name: string,
  worth: MachinePart["worth"],
  offer: Offer<Given>,
  describe: (offer: Given) => string,
): MachinePart {
  if (offer.offered) return { name, worth, offered: true, detail: describe(offer) };
  return { name, worth, offered: false, detail: offer.reason, advice: offer.advice };
}

function idRange({ ids }: Machine): MachinePart {
  const given = part("id range", "wanted", ids, ({ map }) =>
    map.kind === "range"
      ? `${map.count} ids from ${map.base}: real users and sudo, and never this machine's root`
      : `${map.count} ids from ${map.subuid}, used by the daemon: real users and sudo, and never you`,
  );
  if (given.offered) return given;
  const lack = "everybody in a sandbox is one user of this machine's, whatever `id` shows";
  return { ...given, detail: `${lack}: ${given.detail}` };
}

type Groups = Extract<Machine["cgroups"], { offered: true }>["groups"];

function describeGroups({ groups }: { groups: Groups }): string {
  const given = groups.version === 1 ? Object.keys(groups.controllers) : groups.controllers;
  const lacking = Object.entries(LIMITED).filter(([name]) => !given.includes(name));
  const limits = Object.entries(LIMITED).filter(([name]) => given.includes(name));
  const has = `version ${groups.version}: limits of ${limits.map(([, words]) => words).join(", ")}`;
  if (lacking.length === 0) return has;
  return `${has}; not of ${lacking.map(([, words]) => words).join(", ")}`;
}

const LIMITED = { memory: "memory", cpu: "processor time", pids: "processes" } as const;

function hasController({ cgroups }: Machine, name: "pids"): boolean {
  if (!cgroups.offered) return false;
  const { groups } = cgroups;
  return groups.version === 1 ? name in groups.controllers : groups.controllers.includes(name);
}

function networkHelper([installed]: readonly string[]): MachinePart {
  const name = "network helper";
  return installed === undefined
    ? {
        name,
        worth: "extra",
        offered: false,
        detail: "neither pasta nor slirp4netns is installed; the engine's own gateway serves",
      }
    : { name, worth: "extra", offered: true, detail: `${installed} is installed; not needed` };
}

import type { Feature } from "../../../../engine/ports.ts";
import { chooseIdMap, type IdMap } from "./id-map.ts";
import type { Machine } from "./machine.ts";

/**
 * Ids of which this process cannot make files of everybody's are used as if there were only its own. So are
 * those of sandboxes that are only to be ended, where there are no others. Throws `isolation_unavailable`.
 */
export function usableMap(machine: Machine, { former }: { former: boolean }): IdMap {
  if (former && !machine.ids.offered) return { kind: "single", ...machine.user };
  const map = chooseIdMap(machine);
  return map.kind === "subid" ? { kind: "single", uid: map.uid, gid: map.gid } : map;
}

export function usersFeature({ ids }: Machine, { kind }: IdMap): Feature {
  if (kind !== "single") return { offered: true };
  const why = ids.offered
    ? "This engine was started without the range of ids that newuidmap gives, as one inside of a program always is. A daemon uses it."
    : ids.reason;
  return {
    offered: false,
    reason: `Everybody in a sandbox is one user of this machine's, whatever \`id\` shows: ${why}`,
  };
}

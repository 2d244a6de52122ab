import { DEFAULTS } from "../../../contract/defaults.ts";
import { hostGid, hostUid, type IdMap } from "./machine/id-map.ts";

/** As whom commands run unless they are asked to be root, by whichever of its names: the vendor's numbers. */
export const DEFAULT_USER = {
  uid: 1_000,
  gid: 1_000,
  home: DEFAULTS.home,
} as const;

/** The ids that files of the default user have on the host. */
export function defaultOwner(ids: IdMap): { uid: number; gid: number } {
  return { uid: hostUid(ids, DEFAULT_USER.uid), gid: hostGid(ids, DEFAULT_USER.gid) };
}

import { SandboxError } from "../../../../contract/errors.ts";
import { noUsers } from "../../file-owners.ts";
import type { FileOwners } from "../../file-tree-port.ts";
import { DEFAULT_USER } from "../default-user.ts";
import { hostGid, hostUid, type IdMap } from "../machine/id-map.ts";
import { isMapped } from "./user-guard.ts";

/** What the kernel shows for an id that a sandbox has not. */
const NOBODY = 65_534;

export interface AccountTables {
  /** The texts of passwd(5) and group(5). */
  passwd: string;
  group: string;
}

/** Whose files are in a sandbox with such a map and such accounts. */
export function sessionOwners(ids: IdMap, tables: AccountTables): FileOwners {
  const users = accountsOf(tables.passwd);
  const groups = accountsOf(tables.group);
  return {
    of(stats) {
      const uid = insideId(ids, stats.uid, "uid");
      const gid = insideId(ids, stats.gid, "gid");
      const owner = users.names.get(uid) ?? String(uid);
      return { uid, gid, owner, group: groups.names.get(gid) ?? String(gid) };
    },
    hostIds({ owner, group }) {
      const uid = owner === undefined ? undefined : idOf(owner, users, "user");
      const gid = group === undefined ? undefined : idOf(group, groups, "group");
      for (const [id, own] of [
        [uid, DEFAULT_USER.uid],
        [gid, DEFAULT_USER.gid],
      ] as const) {
        if (id === undefined) continue;
        if (ids.kind !== "range" && id !== own) throw noUsers();
        if (ids.kind === "range" && !isMapped(ids, ids.base + id)) throw noSuchId(id, ids.count);
      }
      return {
        ...(uid !== undefined && { uid: hostUid(ids, uid) }),
        ...(gid !== undefined && { gid: hostGid(ids, gid) }),
      };
    },
  };
}

function insideId(ids: IdMap, hostId: number, what: "uid" | "gid"): number {
  if (ids.kind === "range") return isMapped(ids, hostId) ? hostId - ids.base : NOBODY;
  // As the default user sees it, who is everybody.
  return hostId === ids[what] ? DEFAULT_USER[what] : NOBODY;
}

interface Accounts {
  /** The first name that a table has for an id is the one that is shown. */
  names: Map<number, string>;
  ids: Map<string, number>;
}

function accountsOf(text: string): Accounts {
  const accounts: Accounts = { names: new Map(), ids: new Map() };
  for (const line of text.split("\n")) {
    const [name, , id] = line.split(":");
    if (!name || !id || !/^\d{1,10}$/.test(id)) continue;
    if (!accounts.names.has(Number(id))) accounts.names.set(Number(id), name);
    if (!accounts.ids.has(name)) accounts.ids.set(name, Number(id));
  }
  return accounts;
}

function idOf(wanted: string | number, { ids }: Accounts, what: string): number {
  if (typeof wanted === "number") return wanted;
  const id = ids.get(wanted);
  if (id !== undefined) return id;
  if (/^\d{1,10}$/.test(wanted)) return Number(wanted);
  throw new SandboxError("invalid_request", `The sandbox has no ${what} named "${wanted}".`);
}

function noSuchId(id: number, count: number): SandboxError {
  return new SandboxError(
    "invalid_request",
    `The sandbox has no id ${id}: its ids go from 0 to ${count - 1}.`,
  );
}

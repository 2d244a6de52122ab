import { statSync } from "node:fs";
import { openNode } from "../../open-node.ts";
import type { FileMaker, NewName } from "../../file-tree-port.ts";
import type { IdMap } from "../machine/id-map.ts";
import type { MakerProcess } from "./file-maker.ts";
import { isMapped } from "./user-guard.ts";

export interface OwnerMakerOptions {
  ids: Extract<IdMap, { kind: "range" }>;
  /** The host's ids of whose the things will be. */
  owner: { uid: number; gid: number };
  maker: MakerProcess;
}

const SPECIAL = 0o6000;
const SET_GROUP = 0o2000;

/**
 * Makes things with the rights of a sandbox's root, which no process of the host's has: as the owner of the directory,
 * whoever of the sandbox's that is, and gives them to their owner afterwards.
 */
export function ownerMaker({ ids, owner, maker }: OwnerMakerOptions): FileMaker {
  const makers = new Map<string, FileMaker>();
  const makerIn = (directory: string) => {
    const { uid, gid, mode } = statSync(`${directory}/.`);
    if (!isMapped(ids, uid) || !isMapped(ids, gid)) throw denied();
    const key = `${uid}:${gid}`;
    const known = makers.get(key) ?? maker.makerFor(() => ({ uid, gid, groups: [] }));
    makers.set(key, known);
    // A directory with that bit gives its group to what is in it.
    return { maker: known, owner: { uid: owner.uid, gid: mode & SET_GROUP ? gid : owner.gid } };
  };
  const give = ({ directory, name }: NewName, ids: typeof owner, mode: number) => {
    using node = openNode(`${directory}/${name}`);
    const { uid, gid } = node.stats;
    if (uid === ids.uid && gid === ids.gid) return;
    mustBeSandboxs(uid, gid);
    node.chown(ids);
    // The system takes these away from what changes its owner.
    if ((mode & SPECIAL) !== 0) node.chmod(mode);
  };
  const mustBeSandboxs = (uid: number, gid: number) => {
    if (!isMapped(ids, uid) || !isMapped(ids, gid)) throw denied();
  };
  return {
    async makeFile(name, file) {
      const inside = makerIn(name.directory);
      await inside.maker.makeFile(name, file);
      give(name, inside.owner, file.mode);
    },
    async makeDirectory(name, mode) {
      const inside = makerIn(name.directory);
      await inside.maker.makeDirectory(name, mode);
      give(name, inside.owner, mode);
    },
  };
}

function denied(): Error {
  return Object.assign(new Error("permission denied"), { code: "EACCES" });
}

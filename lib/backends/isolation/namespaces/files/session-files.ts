import { ConfinedFiles, type FileTrees } from "../../confined-files.ts";
import type { MetadataProcess } from "../../file-metadata.ts";
import { DEFAULT_USER, defaultOwner } from "../default-user.ts";
import { hostGid, hostUid, type IdMap } from "../machine/id-map.ts";
import type { MakerProcess } from "./file-maker.ts";
import type { HeldRoot } from "./held-root.ts";
import { ownerMaker } from "./owner-maker.ts";
import { readText } from "./read-text.ts";
import { sessionOwners } from "./session-owners.ts";
import { SessionTree } from "./session-tree.ts";
import { groupsOf, rootGuard, userGuard } from "./user-guard.ts";

export interface SessionFilesOptions {
  root: HeldRoot;
  ids: IdMap;
  maker: MakerProcess;
  metadata: MetadataProcess;
}

/** A session's files as its default user reaches them, and in each way that the file API knows. */
export function sessionFiles({
  root,
  ids,
  maker,
  metadata,
  user,
}: SessionFilesOptions & { user: string }): {
  tree: SessionTree;
  files: ConfinedFiles;
} {
  const plain = new SessionTree({ root });
  const tables = (path: string) => readText(plain, path);
  const owners = () =>
    sessionOwners(ids, { passwd: tables("/etc/passwd"), group: tables("/etc/group") });
  if (ids.kind !== "range") {
    const tree = new SessionTree({ root, owners });
    // Everybody is one: what root may, the default user may as well.
    return { tree, files: new ConfinedFiles(allOf(tree), metadata) };
  }
  const groups = () => groupsOf(user, tables("/etc/group"), ids);
  const tree = new SessionTree({
    root,
    owners,
    guard: userGuard({ ids, ...DEFAULT_USER, groups }),
    maker: maker.makerFor(() => ({
      ...defaultOwner(ids),
      groups: groups().map((group) => hostGid(ids, group)),
    })),
  });
  const asRoot = (owner: { uid: number; gid: number }) =>
    new SessionTree({
      root,
      owners,
      guard: rootGuard(ids),
      maker: ownerMaker({ ids, owner, maker }),
    });
  const trees: FileTrees = {
    user: tree,
    root: asRoot({ uid: hostUid(ids, 0), gid: hostGid(ids, 0) }),
    rootForUser: asRoot(defaultOwner(ids)),
  };
  const files = new ConfinedFiles(trees, metadata);
  return { tree, files };
}

/** A drive's files, as the root of a sandbox that has it. There are no names: no sandbox's accounts are the drive's. */
export function driveFiles({ root, ids, maker, metadata }: SessionFilesOptions): ConfinedFiles {
  const owners = () => sessionOwners(ids, { passwd: "", group: "" });
  const tree = new SessionTree({
    root,
    owners,
    ...(ids.kind === "range" && {
      guard: rootGuard(ids),
      maker: ownerMaker({ ids, owner: defaultOwner(ids), maker }),
    }),
  });
  return new ConfinedFiles(allOf(tree), metadata);
}

function allOf(tree: SessionTree): FileTrees {
  return { user: tree, root: tree, rootForUser: tree };
}

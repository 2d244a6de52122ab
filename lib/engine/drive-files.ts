import type { Readable } from "node:stream";
import { posix } from "node:path";
import { SandboxError } from "../contract/errors.ts";
import type { Drive } from "../contract/drive.ts";
import type { FileInfo } from "../contract/file.ts";
import type { Waiting } from "./engine.ts";
import type { DriveFiles, DrivePermissions } from "./file-words.ts";
import type { Isolation } from "./ports.ts";
import { resolvePath } from "./resolve-path.ts";
import type { ByteRange, DriveTree } from "./root-files.ts";

export interface DriveFilesOptions {
  /** The drive as it is now. Throws `drive_not_found`. */
  find: () => Promise<Drive>;
  isolation: Isolation;
}

/** The files of one drive, opened anew for each call: it may be deleted, or change hands, between two. */
export function driveFiles({ find, isolation }: DriveFilesOptions): DriveFiles {
  const use = async <Result>(work: (tree: DriveTree) => Promise<Result>): Promise<Result> => {
    const { id } = await find();
    using tree = await isolation.openDrive(id);
    return work(tree);
  };
  const give = async (
    tree: DriveTree,
    path: string,
    { uid, gid, mode }: DrivePermissions,
  ): Promise<FileInfo> => {
    if (uid === undefined && gid === undefined && mode === undefined) return tree.stat(path);
    return tree.setPermissions(path, {
      ...(uid !== undefined && { owner: uid }),
      ...(gid !== undefined && { group: gid }),
      ...(mode !== undefined && { mode }),
    });
  };
  return {
    stat: (path) => use((tree) => tree.stat(within(path))),
    list: (path, { depth = 1, ...waiting } = {}) =>
      use((tree) => tree.list(within(path), { depth, ...waiting })),
    makeDirectory: (path, { recursive, ...permissions }) =>
      use(async (tree) => {
        mustBePermissions(permissions);
        const { created } = await tree.makeDirectory(within(path), { recursive });
        const info = await give(tree, within(path), created ? permissions : {});
        return { created, info };
      }),
    remove: (path, { recursive = true, ...waiting }: Waiting & { recursive?: boolean } = {}) =>
      use((tree) => tree.remove(within(path), { recursive, ...waiting })),
    read: (path, options: Waiting & ByteRange = {}) =>
      use((tree): Promise<{ size: number; content: Readable }> => tree.read(within(path), options)),
    write: (path, content, { signal, ...permissions }: Waiting & DrivePermissions = {}) =>
      use(async (tree) => {
        mustBePermissions(permissions);
        const { mode } = permissions;
        const entry = { path: within(path), content, ...(mode !== undefined && { mode }) };
        await tree.write(only(entry), signal ? { signal } : {});
        return give(tree, within(path), permissions);
      }),
    setPermissions: (path, permissions) =>
      use((tree) => {
        mustBePermissions(permissions);
        return give(tree, within(path), permissions);
      }),
  };
}

function within(path: string): string {
  return resolvePath("/", posix.join("/", path));
}

async function* only<Entry>(entry: Entry): AsyncGenerator<Entry, void, void> {
  yield entry;
}

const MOST_ID = 2 ** 32 - 2;

function mustBePermissions({ uid, gid, mode }: DrivePermissions): void {
  for (const [name, value, most] of [
    ["uid", uid, MOST_ID],
    ["gid", gid, MOST_ID],
    ["mode", mode, 0o7777],
  ] as const) {
    if (value === undefined || (Number.isInteger(value) && value >= 0 && value <= most)) continue;
    throw new SandboxError(
      "invalid_request",
      `${name}: a whole number from 0 to ${most} was expected.`,
    );
  }
}

import { userInfo } from "node:os";
import { SandboxError } from "../../contract/errors.ts";
import type { FileOwners } from "./file-tree-port.ts";

/** Whose files are where there are no users but the one who runs the engine: the host's ids, and his name. */
export const ownOwners: FileOwners = {
  of({ uid, gid }) {
    const owner = uid === process.getuid?.() ? ownName() : String(uid);
    return { uid, gid, owner, group: gid === process.getgid?.() ? owner : String(gid) };
  },
  hostIds({ owner, group }) {
    if (owner === undefined && group === undefined) return {};
    throw noUsers();
  },
};

/** To give a file to somebody needs somebody else. */
export function noUsers(): SandboxError {
  return new SandboxError(
    "unsupported",
    "A file cannot be given to another user or group here: all in the sandbox is one user of this machine's. " +
      "Users need `namespaces` isolation with a range of ids; `sandlot doctor` says what it lacks.",
  );
}

let known: string | undefined;

// Looked up once: the machine's tables of users may be far away, and a list asks for each of its files.
function ownName(): string {
  known ??= lookUp();
  return known;
}

function lookUp(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.()); // The machine has no name for him.
  }
}

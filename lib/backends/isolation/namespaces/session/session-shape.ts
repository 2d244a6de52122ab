import { type SandboxUser, USER_DIRECTORIES } from "../../../../contract/sandbox-user.ts";
import type { RootRecord } from "../roots/root-record.ts";

/** As many as a small machine of its own would bear; a bomb is held before it is felt. */
const PROCESSES_PER_VCPU = 2_048;

/** What of a session is settled before it is known whose it will be. */
export interface SessionShape {
  /** The most at once. */
  processes: number;
  /** Made if missing, the default user's. */
  directories: readonly string[];
  /** By which name the default user is known first. */
  user: SandboxUser;
}

export function shapeOf({
  vcpus,
  home,
  cwd,
  user,
}: Pick<RootRecord, "vcpus" | "home" | "cwd" | "user">): SessionShape {
  // A snapshot of one who is known by another name may lack this one's home.
  const directories = [...new Set([...USER_DIRECTORIES, home, cwd])];
  return { processes: PROCESSES_PER_VCPU * vcpus, directories, user };
}

/** Whether a session that stands in the one shape can be one of the other. */
export function fits(one: SessionShape, other: SessionShape): boolean {
  return (
    one.processes === other.processes &&
    one.user === other.user &&
    one.directories.join("\0") === other.directories.join("\0")
  );
}

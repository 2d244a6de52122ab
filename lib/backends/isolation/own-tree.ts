import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { SandboxError } from "../../contract/errors.ts";

const run = promisify(execFile);

/** Gives a tree, or several, to an owner; links are not followed. Only root can, so others leave it as it is. */
export async function ownTree(
  paths: readonly string[],
  { uid, gid }: { uid: number; gid: number },
): Promise<void> {
  if (process.getuid?.() !== 0 || paths.length === 0) return;
  try {
    await run("chown", ["-hR", `${uid}:${gid}`, "--", ...paths], {
      env: { LC_ALL: "C", PATH: "/usr/bin:/bin" },
    });
  } catch (error) {
    throw new SandboxError("internal", "Files could not be given to their new owner.", {
      cause: error,
    });
  }
}

/** Whom the files are of that this process makes. */
export function ownIds(): { uid: number; gid: number } {
  return { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
}

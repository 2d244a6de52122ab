import type { Sandbox } from "sandlot";

// Each resume begins one; what is older than these is history that nobody looks for.
const MOST = 50;

/** The ids of a sandbox's sessions, the newest first. */
export async function sessionIdsOf(sandbox: Sandbox): Promise<string[]> {
  const { sessions } = await sandbox.listSessions({ limit: MOST, sortOrder: "desc" });
  return sessions.map(({ id }) => id);
}

import { asNamespaceRoot, type IdMap } from "../machine/id-map.ts";
import { DEFAULT_USER } from "../default-user.ts";

/** As whom something runs inside; anybody else by the sandbox's own ids. */
export type Identity = "default-user" | "root" | { uid: number; gid: number };

// Without a program that is set-uid: the default user may take on any identity, and only it may.
const MAY_CHANGE_IDENTITY = ["--inh-caps=+setuid,+setgid", "--ambient-caps=+setuid,+setgid"];
const MAY_NOTHING = ["--inh-caps=-all", "--ambient-caps=-all"];

/**
 * The words before a program's own that run it in a session, whose first process is `init`. What comes
 * after the first `--` is looked up in the sandbox, whose own it may be: by then nothing of the host's is
 * in reach, and every right that is left ends with the session's user namespace.
 */
export function enterSession(
  init: number,
  { ids, identity, terminal = false }: { ids: IdMap; identity: Identity; terminal?: boolean },
): string[] {
  const namespaces = ["--user", "--mount", "--pid", "--ipc", "--uts", "--net"];
  const enter = ["nsenter", "--target", String(init), ...namespaces, ...asNamespaceRoot(ids), "--"];
  // A POSIX session of its own keeps signals to the group inside; with a terminal there is one already.
  const apart = terminal ? [] : ["setsid"];
  if (identity === "root") return [...enter, ...apart];
  const { uid, gid } = identity === "default-user" ? DEFAULT_USER : identity;
  if (ids.kind === "single") {
    const view = [`--map-user=${uid}`, `--map-group=${gid}`];
    return [...enter, "unshare", "--user", ...view, "--", ...apart];
  }
  const become = ["--reuid", String(uid), "--regid", String(gid), "--init-groups"];
  const rights = identity === "default-user" ? MAY_CHANGE_IDENTITY : MAY_NOTHING;
  return [...enter, "setpriv", ...become, ...rights, "--", ...apart];
}

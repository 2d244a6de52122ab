import { SANDBOX_USERS, SandboxUser } from "../../../../contract/sandbox-user.ts";
import { SandboxError } from "../../../../contract/errors.ts";
import { DEFAULT_USER } from "../default-user.ts";
import { readText } from "../files/read-text.ts";
import type { SessionTree } from "../files/session-tree.ts";
import type { IdMap } from "../machine/id-map.ts";
import type { Identity } from "./enter-session.ts";
import { personalVariables, rootVariables } from "./session-variables.ts";

/** As whom a command runs, and what its variables say of that over those of the session. */
export interface CommandIdentity {
  identity: Identity;
  variables: Readonly<Record<string, string>>;
}

export interface IdentityContext {
  /** By which name the session knows its default user. */
  own: SandboxUser;
  tree: SessionTree;
  ids: IdMap;
  nodeDirectory: string | undefined;
}

/** Finds whom a command names. Throws `invalid_request` for nobody, `unsupported` for whom there is no id. */
export function commandIdentity(
  { sudo, user }: { sudo: boolean; user?: string | undefined },
  { own, tree, ids, nodeDirectory }: IdentityContext,
): CommandIdentity {
  if (sudo) return { identity: "root", variables: rootVariables(own) };
  if (user === undefined || user === own) return { identity: "default-user", variables: {} };
  const named = SandboxUser.safeParse(user);
  if (named.success) {
    const { home } = SANDBOX_USERS[named.data];
    const variables = personalVariables({ user, home, nodeDirectory });
    return { identity: "default-user", variables };
  }
  const account = findAccount(user, readText(tree, "/etc/passwd"));
  if (!account) {
    throw new SandboxError(
      "invalid_request",
      `user: there is no user ${user} in the sandbox. Make it first (\`sudo useradd\`), or leave it out.`,
    );
  }
  const { uid, gid, home, shell } = account;
  const variables = {
    ...personalVariables({ user, home, nodeDirectory }),
    ...(shell && { SHELL: shell }),
  };
  // Whoever has its id is root, by whatever name.
  if (uid === 0) return { identity: "root", variables };
  if (uid === DEFAULT_USER.uid) return { identity: "default-user", variables };
  if (ids.kind === "single") {
    throw new SandboxError(
      "unsupported",
      `user: this machine gives the sandbox a single id, so that nothing can run as ${user}; there are its default user and root.`,
    );
  }
  return { identity: { uid, gid }, variables };
}

interface Account {
  uid: number;
  gid: number;
  home: string;
  shell: string;
}

/** A line of passwd(5), which the sandbox's root may have written: what is no whole number and no path is none. */
function findAccount(user: string, passwd: string): Account | undefined {
  for (const line of passwd.split("\n")) {
    const [name, , uid = "", gid = "", , home = "", shell = ""] = line.split(":");
    if (name !== user || !isId(uid) || !isId(gid)) continue;
    return {
      uid: Number(uid),
      gid: Number(gid),
      home: isPath(home) ? home : "/",
      shell: isPath(shell) ? shell : "",
    };
  }
  return undefined;
}

function isId(text: string): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) < 2 ** 32 - 1;
}

function isPath(text: string): boolean {
  return text.startsWith("/") && !text.includes("\0");
}

import { posix } from "node:path";
import { SANDBOX_USERS } from "../../../contract/sandbox-user.ts";
import type { Sandbox } from "../../../contract/sandbox.ts";
import { Refusal } from "./connect-codes.ts";

/** In whose name a caller wants something done. */
export interface Caller {
  /** A user of the sandbox; absent for its own default user. */
  user: string | undefined;
  home: string;
  isRoot: boolean;
}

/** The user of `Authorization: Basic`, as the vendor's clients send it: a name, and an empty password. */
export function callerOf(request: Request, sandbox: Sandbox): Caller {
  const given = /^basic\s+([A-Za-z0-9+/_-]*=*)$/i.exec(request.headers.get("authorization") ?? "");
  const [name] = Buffer.from(given?.[1] ?? "", "base64")
    .toString("utf8")
    .split(":");
  return callerNamed(name || undefined, sandbox);
}

export function callerNamed(user: string | undefined, sandbox: Sandbox): Caller {
  const acting = user ?? otherUser(sandbox);
  if (acting === undefined) return { user, home: sandbox.home, isRoot: false };
  return { user, home: homeOf(acting), isRoot: acting === "root" };
}

/** Whom a template names to act in every sandbox of it; the default user's names all mean the sandbox's own. */
function otherUser({ template }: Sandbox): string | undefined {
  return template && !(template.user in SANDBOX_USERS) ? template.user : undefined;
}

/** Whether the user is one of the sandbox's default user's names: files that others own cannot be asked for by name. */
export function requireKnownUser({ user }: Caller): void {
  if (user === undefined || user === "root" || user in SANDBOX_USERS) return;
  throw new Refusal(
    "unauthenticated",
    `There is no user ${JSON.stringify(user)} for files: use root, or leave the user out.`,
  );
}

/**
 * The absolute path that a caller means: `~` is its home, and a relative path begins there, as at the vendor's. In a
 * sandbox that another face made, one without a named user begins where its commands start.
 */
export function resolvePath(
  path: string,
  { sandbox, caller }: { sandbox: Sandbox; caller: Caller },
) {
  if (path === "~" || path.startsWith("~/")) return posix.join(caller.home, path.slice(1));
  if (path.startsWith("~")) {
    throw new Refusal(
      "invalid_argument",
      "~ stands for the own home alone; no user may follow it.",
    );
  }
  const isOwn = caller.user !== undefined || sandbox.user === "user";
  const base = isOwn ? caller.home : sandbox.cwd;
  return path === "" ? sandbox.cwd : posix.resolve(base, path);
}

function homeOf(user: string): string {
  if (user === "root") return "/root";
  return user in SANDBOX_USERS
    ? SANDBOX_USERS[user as keyof typeof SANDBOX_USERS].home
    : `/home/${user}`;
}

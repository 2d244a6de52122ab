import { SandboxError } from "../../contract/errors.ts";

/**
 * Whom a caller named, in one way: root is `sudo`, and nobody else is; if nobody, whoever is usual. Throws
 * `invalid_request` for both at once.
 */
export function identityOf(
  { sudo, user }: { sudo: boolean; user?: string | undefined },
  usual?: string,
): {
  sudo: boolean;
  user?: string;
} {
  if (user === "root") return { sudo: true };
  if (user === undefined)
    return sudo || usual === undefined ? { sudo } : identityOf({ sudo, user: usual });
  if (!sudo) return { sudo, user };
  throw new SandboxError(
    "invalid_request",
    `user: with \`sudo\` a command runs as root, and cannot run as ${user}; leave one of them out.`,
  );
}

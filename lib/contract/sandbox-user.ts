import * as z from "zod";

/**
 * The names of the one default user of every sandbox: whichever of them a sandbox is made for, all three are
 * there, mean the same id, and have a home of their own.
 */
export const SandboxUser = z.enum(["vercel-sandbox", "user", "daytona"]);
export type SandboxUser = z.output<typeof SandboxUser>;

/** Where each of them is at home, and where its commands start unless they are told another place. */
export const SANDBOX_USERS = {
  "vercel-sandbox": { home: "/vercel", cwd: "/vercel/sandbox" },
  user: { home: "/home/user", cwd: "/home/user" },
  daytona: { home: "/home/daytona", cwd: "/home/daytona" },
} as const satisfies Record<SandboxUser, { home: string; cwd: string }>;

/** Every directory that a default user has in any sandbox, whoever it was made for. */
export const USER_DIRECTORIES: readonly string[] = [
  ...new Set(Object.values(SANDBOX_USERS).flatMap(({ home, cwd }) => [home, cwd])),
];

/** Who runs a command: a name of the sandbox's `/etc/passwd`. */
export const UserName = z
  .string()
  .min(1)
  .max(32)
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/, {
    message: "a user's name starts with a letter or _ and holds letters, digits, _, . and -",
  });

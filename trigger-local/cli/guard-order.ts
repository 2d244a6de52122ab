import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as z from "zod";

/** What the guard is told: whose CLI to run, and where. */
export const GuardOrder = z.strictObject({
  projectDirectory: z.string(),
  branch: z.string().optional(),
});
export type GuardOrder = z.output<typeof GuardOrder>;

/** The order that stands in the arguments of a guard's process. */
export function readGuardOrder(argv: readonly string[]): GuardOrder {
  return GuardOrder.parse(JSON.parse(argv[2] ?? "null"));
}

/** What Node is given to run the CLI of the project's own version, which asks nothing and nobody but the platform. */
export function cliArguments({ branch }: GuardOrder): string[] {
  const manifest = createRequire(import.meta.url).resolve("trigger.dev/package.json");
  return [
    join(dirname(manifest), "dist", "esm", "index.js"),
    "dev",
    "--skip-update-check",
    "--skip-platform-notifications",
    "--skip-telemetry",
    "--skip-mcp-install",
    "--skip-rules-install",
    ...(branch === undefined ? [] : ["--branch", branch]),
  ];
}

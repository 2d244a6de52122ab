import type { BadRequest } from "./bad-request.ts";
import { BODIES } from "./bodies.ts";
import { COMMANDS } from "./commands.ts";
import { DRIVES } from "./drives.ts";
import { FILES } from "./files.ts";
import { LISTS } from "./lists.ts";
import { LIVING_SANDBOXES } from "./living-sandboxes.ts";
import { NETWORK_POLICIES } from "./network-policies.ts";
import { NEW_SANDBOXES } from "./new-sandboxes.ts";
import { OLD_DIALECT } from "./old-dialect.ts";
import { PATHS } from "./paths.ts";
import { SESSIONS } from "./sessions.ts";

/** Requests that must be refused, by what they are about. */
export const BAD_REQUESTS: readonly BadRequest[] = [
  ...BODIES,
  ...NEW_SANDBOXES,
  ...NETWORK_POLICIES,
  ...LIVING_SANDBOXES,
  ...LISTS,
  ...SESSIONS,
  ...COMMANDS,
  ...FILES,
  ...DRIVES,
  ...OLD_DIALECT,
  ...PATHS,
];

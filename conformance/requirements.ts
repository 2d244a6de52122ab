import { DAYTONA } from "./daytona/requirements.ts";
import { CONTROL } from "./e2b/requirements/control.ts";
import { ENVD } from "./e2b/requirements/envd.ts";
import { INTERPRETER } from "./e2b/requirements/interpreter.ts";
import { API } from "./requirements/api.ts";
import { COMMANDS } from "./requirements/commands.ts";
import { CROSS_FACE } from "./requirements/cross-face.ts";
import { FAULTS } from "./requirements/faults.ts";
import { FILES } from "./requirements/files.ts";
import { GUEST } from "./requirements/guest.ts";
import { NETWORK } from "./requirements/network.ts";
import { PROGRAMS } from "./requirements/programs.ts";
import type { Requirement } from "./requirements/requirement.ts";
import { SANDBOXES } from "./requirements/sandboxes.ts";
import { SESSIONS } from "./requirements/sessions.ts";
import { SNAPSHOTS } from "./requirements/snapshots.ts";

const ALL = [
  ...API,
  ...SANDBOXES,
  ...SESSIONS,
  ...COMMANDS,
  ...FILES,
  ...SNAPSHOTS,
  ...NETWORK,
  ...GUEST,
  ...PROGRAMS,
  ...FAULTS,
  ...CONTROL,
  ...ENVD,
  ...INTERPRETER,
  ...DAYTONA,
  ...CROSS_FACE,
] as const;

export type RequirementId = (typeof ALL)[number]["id"];

/** Every behaviour that a drop-in must have, each proven by at least one test here. */
export const REQUIREMENTS: readonly (Requirement & { id: RequirementId })[] = ALL;

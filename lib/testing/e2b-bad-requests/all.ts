import type { BadE2bRequest } from "./bad-request.ts";
import { LIVING } from "./living.ts";
import { OTHERS } from "./others.ts";
import { SANDBOXES } from "./sandboxes.ts";

/** Every request that the control API of the e2b face must refuse. */
export const E2B_BAD_REQUESTS: readonly BadE2bRequest[] = [...SANDBOXES, ...LIVING, ...OTHERS];

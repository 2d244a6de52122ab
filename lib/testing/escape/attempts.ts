import type { Attempts } from "./attempt.ts";
import { engineAttempts } from "./engine-attempts.ts";
import { kernelAttempts } from "./kernel-attempts.ts";
import { networkAttempts } from "./network-attempts.ts";
import { pathAttempts } from "./path-attempts.ts";
import { processAttempts } from "./process-attempts.ts";
import { sessionAttempts } from "./session-attempts.ts";
import { tamperAttempts } from "./tamper-attempts.ts";

/** All of them. Names are unique: that is what a case is skipped by. */
export const ATTEMPTS: Attempts = {
  ...pathAttempts,
  ...processAttempts,
  ...kernelAttempts,
  ...networkAttempts,
  ...sessionAttempts,
  ...tamperAttempts,
  ...engineAttempts,
};

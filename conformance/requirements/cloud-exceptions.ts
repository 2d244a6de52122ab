import type { RequirementId } from "../requirements.ts";
import type { TriggerException } from "./trigger-exceptions.ts";

type Exceptions = Partial<Record<RequirementId, TriggerException>>;

/** What does not hold over a cloud. Its tests must fail, and in just this way. */
export const CLOUD_EXCEPTIONS: Record<"e2b" | "daytona", Exceptions> = { e2b: {}, daytona: {} };

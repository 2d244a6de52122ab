import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** The variables that lead programs to the platform which the set-up has started. */
    platform: Record<string, string>;
  }
}

/** Whether the contract is to be proven for sandboxes in Trigger.dev runs. */
export const OVER_TRIGGER = process.env["SANDLOT_CONFORMANCE"] === "trigger";

/** What leads to the platform, where the contract is proven over it. */
export function platformVariables(): Record<string, string> {
  return OVER_TRIGGER ? inject("platform") : {};
}

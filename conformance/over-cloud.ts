import { inject } from "vitest";

declare module "vitest" {
  interface ProvidedContext {
    /** The variables that lead the vendor's SDK to our own face of it, which the set-up has started. */
    cloud: Record<string, string>;
  }
}

const asked = process.env["SANDLOT_CONFORMANCE"];

/** The cloud over which the contract is to be proven: our API, the vendor's own SDK, our face of that vendor, the engine. */
export const OVER_CLOUD: "e2b" | "daytona" | undefined =
  asked === "e2b" || asked === "daytona" ? asked : undefined;

/** What leads to the cloud, where the contract is proven over one. */
export function cloudVariables(): Record<string, string> {
  return OVER_CLOUD ? inject("cloud") : {};
}

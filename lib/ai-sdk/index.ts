// The entry `sandlot/ai-sdk`. A name added here is public for good.
export { createSandlotSandbox } from "./sandbox-provider.ts";
export type { SandlotSandboxOptions } from "./sandbox-provider.ts";
export { sandboxSession } from "./sandbox-session.ts";

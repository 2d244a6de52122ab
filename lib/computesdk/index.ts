// The entry `sandlot/computesdk`. A name added here is public for good.
export { sandlot } from "./provider.ts";
export type { SandlotConfig } from "./create-parameters.ts";

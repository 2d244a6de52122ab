import { SandboxError } from "../../contract/errors.ts";
import type { Store } from "../../engine/ports.ts";
import type { Cloud } from "./cloud.ts";
import { type CloudEngine, createCloudEngine } from "./cloud-engine.ts";

type CloudName = Cloud["name"];

const PACKAGES: Record<CloudName, { name: string; key: string }> = {
  e2b: { name: "e2b", key: "E2B_API_KEY" },
  daytona: { name: "@daytona/sdk", key: "DAYTONA_API_KEY" },
};

/**
 * An engine on the cloud, by its vendor's own SDK, an optional peer that is loaded here. `store` is only a mirror, which
 * may be lost. Throws `engine_unavailable` when the SDK is not installed.
 */
export async function openCloudEngine(
  name: CloudName,
  { store }: { store: Store },
): Promise<CloudEngine> {
  return createCloudEngine({ cloud: await openCloud(name), store });
}

async function openCloud(name: CloudName): Promise<Cloud> {
  if (name === "e2b") {
    const [sdk, { E2bCloud }] = await Promise.all([
      load(name, () => import("e2b")),
      import("./e2b/e2b-cloud.ts"),
    ]);
    return new E2bCloud(sdk);
  }
  const [sdk, { DaytonaCloud }] = await Promise.all([
    load(name, () => import("@daytona/sdk")),
    import("./daytona/daytona-cloud.ts"),
  ]);
  return new DaytonaCloud(sdk);
}

async function load<Sdk>(cloud: CloudName, importing: () => Promise<Sdk>): Promise<Sdk> {
  try {
    return await importing();
  } catch (error) {
    const { name, key } = PACKAGES[cloud];
    throw new SandboxError(
      "engine_unavailable",
      `SANDLOT_ENGINE=${cloud} needs the package ${name}, which could not be loaded. Install it beside sandlot, and set ${key}.`,
      { cause: error },
    );
  }
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings, stopDaemon, vendorEnvironment } from "sandlot/host";
import type { TestProject } from "vitest/node";

/**
 * Before the contract is proven over a cloud: an engine on this machine with our own face of the cloud's vendor. The
 * tests of this project are told what leads the vendor's SDK there.
 */
async function setUp(cloud: "e2b" | "daytona", project: TestProject): Promise<() => Promise<void>> {
  const home = await mkdtemp(join(tmpdir(), "sandlot-conformance-cloud-"));
  const settings = readSettings({
    SANDLOT_ENGINE: "daemon",
    SANDLOT_HOME: home,
    SANDLOT_ISOLATION: "namespaces",
  });
  project.provide("cloud", await vendorEnvironment(cloud, settings));
  return async () => {
    await stopDaemon(settings, { stopSandboxes: true });
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
  };
}

/** The set-up of the project whose name ends with the cloud's. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  return setUp(project.name.endsWith("daytona") ? "daytona" : "e2b", project);
}

import { studioEnvironment } from "./environment.ts";
import { Studio } from "./studio.ts";
import { canRepair } from "./turns/can-repair.ts";
import { startStudioAgent } from "./turns/start-agent.ts";

const key = Symbol.for("sandlot.studio");
const shared = globalThis as { [key]?: Promise<Studio> };

/**
 * The studio of this process, opened at the first call. One for all copies of this module: a bundler loads it more than
 * once, and turns that run are known to one of them only.
 */
export async function sharedStudio(): Promise<Studio> {
  shared[key] ??= Studio.open({
    ...studioEnvironment(),
    startAgent: startStudioAgent,
    canRepair,
  });
  try {
    return await shared[key];
  } catch (error) {
    // The reason may be gone at the next try.
    delete shared[key];
    throw error;
  }
}

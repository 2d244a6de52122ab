import { setMaxListeners } from "node:events";

const key = Symbol.for("sandlot.studio.shutdown");
const shared = globalThis as { [key]?: AbortSignal };

/**
 * Aborted when the process is asked to end. Streams of events must end by themselves then: the server waits for all of its
 * answers before it goes. One for all copies of this module.
 */
export function shutdownSignal(): AbortSignal {
  const known = shared[key];
  if (known) return known;
  const controller = new AbortController();
  // Each open stream listens.
  setMaxListeners(0, controller.signal);
  // Those that the server itself takes to end on: others keep their own meaning.
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => controller.abort());
  }
  shared[key] = controller.signal;
  return controller.signal;
}

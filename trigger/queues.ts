import { queue } from "@trigger.dev/sdk";

// The smallest plan of the cloud gives a production environment 20 slots. Half of them are enough for operations; the
// other half is the hosts': operations that wait for a sandbox's host must not take the place that it needs to begin.

/** Of operations that wait for nothing but the engine: short, so that a stop never stands behind a build. */
export const sandboxOperations = queue({ name: "sandbox-operations", concurrencyLimit: 5 });

/** Of operations that live as long as a command: running one, waiting for one. */
export const sandboxCommands = queue({ name: "sandbox-commands", concurrencyLimit: 5 });

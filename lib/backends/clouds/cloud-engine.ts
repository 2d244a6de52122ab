import type { Drives, Engine, Terminals } from "../../engine/engine.ts";
import type { Secrets } from "../../engine/secrets/secret-words.ts";
import type { Templates } from "../../engine/templates/template-words.ts";
import { CAPABILITIES, refusal, refusedWords } from "./capabilities.ts";
import { CloudCommands } from "./cloud-commands.ts";
import { cloudFiles } from "./cloud-files.ts";
import { type CloudPart, CloudSandboxes } from "./cloud-sandboxes.ts";
import { CloudSessions } from "./cloud-sessions.ts";
import { CloudSnapshots } from "./cloud-snapshots.ts";

/** The engine's words, carried out by a cloud. */
export interface CloudEngine extends Engine {
  /** Lists are answered from what was last seen; this looks again. */
  refresh(
    what: { of: "sandboxes" | "snapshots" } | { of: "commands"; sessionId: string },
  ): Promise<void>;
}

/**
 * An engine whose sandboxes are in a cloud, with all that there is to know of them: any number of processes may have
 * one at a time. What the cloud cannot do throws `unsupported`, by name. Ends the cloud's connections when disposed of.
 */
export function createCloudEngine({ cloud, store }: CloudPart): CloudEngine {
  const sandboxes = new CloudSandboxes({ cloud, store });
  const commands = new CloudCommands({ cloud, store });
  const snapshots = new CloudSnapshots({ cloud, store });
  const apart = { offered: true } as const;
  const { network, resources } = cloud.capabilities;
  return {
    isolation: {
      name: cloud.name,
      features: {
        users: { offered: false, reason: "a cloud's image has the users that it has" },
        networkPolicy: "how" in network ? apart : { offered: false, reason: network.refused },
        privatePorts: apart,
        privateFiles: apart,
        limits: "how" in resources ? apart : { offered: false, reason: resources.refused },
      },
    },
    sandboxes,
    sessions: new CloudSessions({ cloud, store }),
    commands,
    files: cloudFiles({ cloud, store }),
    snapshots,
    drives: refusedWords<Drives>(cloud, "drives"),
    terminals: refusedWords<Terminals>(cloud, "terminals"),
    secrets: refusedWords<Secrets>(cloud, "secrets"),
    templates: refusedWords<Templates>(cloud, "templates"),
    metrics: async () => {
      throw refusal(cloud, "usage", CAPABILITIES.usage);
    },
    async refresh(what) {
      if (what.of === "commands") await commands.refresh(what.sessionId);
      else await (what.of === "sandboxes" ? sandboxes : snapshots).refresh();
    },
    isBusy: () => false,
    [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose](),
  };
}

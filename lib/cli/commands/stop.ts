import { Sandbox } from "../../trigger-client/index.ts";
import { defineCommand, jsonOption } from "../command-spec.ts";
import { forEachName, namesToTreat } from "../for-each-name.ts";

export const stop = defineCommand({
  name: "stop",
  summary: "Stop sandboxes; a persistent one keeps its files",
  details:
    "All its processes end. A persistent sandbox (the default) gets a snapshot and starts again\n" +
    "with its files at its next use. Stopping a stopped sandbox changes nothing.",
  positionals: [
    { name: "sandbox", about: "the names of the sandboxes", many: true, optional: true },
  ],
  options: {
    all: { type: "boolean", about: "Every sandbox that runs" },
    ...jsonOption,
  },
  examples: ["sandlot stop my-sandbox", "sandlot stop --all"],
  async run({ options, positionals }, { console, signal }) {
    const names = await namesToTreat(positionals, {
      command: "stop",
      all: options.all ?? false,
      select: ({ status }) => status !== "stopped",
      signal,
    });
    return forEachName(names, {
      console,
      json: options.json ?? false,
      done: "stopped",
      async work(name) {
        const sandbox = await Sandbox.get({ name, resume: false, signal });
        const { snapshot } = await sandbox.stop({ signal });
        return snapshot ? { snapshotId: snapshot.id } : {};
      },
    });
  },
});

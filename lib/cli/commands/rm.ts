import { Sandbox } from "../../trigger-client/index.ts";
import { defineCommand, jsonOption } from "../command-spec.ts";
import { forEachName, namesToTreat } from "../for-each-name.ts";

export const rm = defineCommand({
  name: "rm",
  summary: "Delete sandboxes with their files and logs",
  details:
    "A sandbox that runs is stopped first. Its snapshots stay, so that others can still start from\n" +
    "them; --snapshots deletes those that nothing else needs.",
  positionals: [
    { name: "sandbox", about: "the names of the sandboxes", many: true, optional: true },
  ],
  options: {
    snapshots: { type: "boolean", about: "Also delete its snapshots that nothing else needs" },
    "all-stopped": { type: "boolean", about: "Every sandbox that is stopped" },
    ...jsonOption,
  },
  examples: ["sandlot rm my-sandbox", "sandlot rm --all-stopped --snapshots"],
  async run({ options, positionals }, { console, signal }) {
    const names = await namesToTreat(positionals, {
      command: "rm",
      all: options["all-stopped"] ?? false,
      select: ({ status }) => status === "stopped",
      signal,
    });
    return forEachName(names, {
      console,
      json: options.json ?? false,
      done: "deleted",
      async work(name) {
        const sandbox = await Sandbox.get({ name, resume: false, signal });
        await sandbox.delete({ signal, deleteOrphanSnapshots: options.snapshots ?? false });
        return {};
      },
    });
  },
});

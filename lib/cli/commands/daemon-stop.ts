import { stopDaemon } from "../../host/daemon-control.ts";
import { readSettings } from "../../host/settings.ts";
import { defineCommand, jsonOption } from "../command-spec.ts";

export const daemonStop = defineCommand({
  name: "daemon stop",
  summary: "End the daemon and wait until it is gone",
  details:
    "Commands that run go on, and the next daemon takes them over; with --sandboxes they are stopped\n" +
    "first. No daemon is no error.",
  options: {
    sandboxes: { type: "boolean", about: "Stop all sandboxes first" },
    ...jsonOption,
  },
  async run({ options }, { console }) {
    const stopSandboxes = options.sandboxes ?? false;
    const stopped = await stopDaemon(readSettings(), { stopSandboxes });
    if (options.json) return console.json({ stopped });
    console.line(stopped ? "Stopped." : "No daemon ran.");
  },
});

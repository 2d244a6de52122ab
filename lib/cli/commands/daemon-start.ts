import { daemonStatus } from "../../host/daemon-control.ts";
import { readSettings } from "../../host/settings.ts";
import { startDaemon } from "../../host/start-daemon.ts";
import { defineCommand, jsonOption } from "../command-spec.ts";

export const daemonStart = defineCommand({
  name: "daemon start",
  summary: "Start the daemon, if none runs yet",
  details:
    "Not needed as a rule: the first call starts it. Its commands find programs on the PATH that this\n" +
    "shell has now.",
  options: jsonOption,
  async run({ options }, { console }) {
    const settings = readSettings();
    const before = await daemonStatus(settings);
    const { socketPath, notice } = before?.socketPath
      ? { socketPath: before.socketPath, notice: undefined }
      : await startDaemon(settings);
    if (options.json) return console.json({ started: !before, socketPath });
    console.line(before ? `It runs already (process ${before.pid}).` : "Started.");
    if (notice !== undefined) console.note(notice);
  },
});

import { SandboxError } from "../../contract/errors.ts";
import { readSettings } from "../../host/settings.ts";
import { stateFolder } from "../../host/state-folder.ts";
import { defineCommand } from "../command-spec.ts";
import { followFile, lastLinesOf } from "../follow-file.ts";

const USUAL_LINES = "200";

export const daemonLogs = defineCommand({
  name: "daemon logs",
  summary: "Show what the daemon wrote about itself",
  details:
    "Its log holds no secrets and no command's output. It is also there when no daemon runs.",
  options: {
    follow: { type: "boolean", short: "f", about: "Go on until Ctrl-C" },
    lines: {
      type: "string",
      short: "n",
      about: `How many (default ${USUAL_LINES})`,
      value: "count",
    },
  },
  async run({ options }, { console, signal }) {
    const count = options.lines ?? USUAL_LINES;
    if (!/^\d{1,7}$/.test(count)) {
      throw new SandboxError("invalid_request", `--lines is "${count}". Give a whole number.`);
    }
    const { log } = stateFolder(readSettings().home);
    const { text, end } = await lastLinesOf(log, Number(count));
    await console.write(text);
    if (options.follow) {
      for await (const more of followFile(log, { from: end, signal })) await console.write(more);
    } else if (text === "") {
      console.note("No daemon has written anything yet.");
    }
  },
});

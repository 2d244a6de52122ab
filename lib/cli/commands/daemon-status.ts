import { daemonStatus } from "../../host/daemon-control.ts";
import { readSettings } from "../../host/settings.ts";
import { defineCommand, jsonOption } from "../command-spec.ts";
import { EXIT_CODES } from "../exit-codes.ts";
import { ago, byteSize, duration } from "../quantities.ts";

export const showDaemon = defineCommand({
  name: "daemon status",
  summary: "Show the daemon; exit code 3 when none runs",
  options: jsonOption,
  async run({ options }, { console }) {
    const found = await daemonStatus(readSettings());
    if (options.json) console.json(found ?? null);
    else if (!found) console.line("No daemon runs.");
    else {
      const { pid, version, startedAt, isolation, busy, requests, shells, idleMs, url } = found;
      const lines = [
        `process ${pid}, version ${version}, started ${ago(startedAt)}`,
        `isolation ${isolation}, ${byteSize(found.memoryBytes)} of memory`,
        `socket ${found.socketPath ?? "none"}${url === undefined ? "" : `, also ${url}`}`,
        busy || shells > 0
          ? `busy: sandboxes run or shells are open (${shells}), ${requests} calls`
          : `idle: ends itself after ${duration(idleMs ?? 0)} without a call`,
      ];
      for (const line of lines) console.line(line);
    }
    return found ? EXIT_CODES.ok.code : EXIT_CODES.notFound.code;
  },
});

import { stopDaemon } from "../host/daemon-control.ts";
import { readSettings, type Settings } from "../host/settings.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** A state folder of its own. Ending it ends its daemon with all sandboxes, and deletes it. */
export async function temporaryHome(
  env: Record<string, string> = {},
): Promise<AsyncDisposable & { home: string; settings: Settings; env: Record<string, string> }> {
  const directory = await temporaryDirectory();
  const variables = { SANDLOT_ENGINE: "daemon", SANDLOT_HOME: directory.path, ...env };
  const settings = readSettings(variables);
  return {
    home: directory.path,
    settings,
    env: variables,
    async [Symbol.asyncDispose]() {
      await stopDaemon(settings, { stopSandboxes: true });
      await directory[Symbol.asyncDispose]();
    },
  };
}

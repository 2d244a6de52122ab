import { join } from "node:path";
import { outerForDaemon } from "../host/outer-daemon.ts";
import { readSettings } from "../host/settings.ts";
import { makeStateFolder } from "../host/state-folder.ts";

/** Opens where this user's daemon would run, so many times at once, and gives by which processes it is held. */
export async function openOuters(count: number): Promise<(string | undefined)[]> {
  const settings = readSettings({ SANDLOT_HOME: join(process.env["HOME"] ?? "", "state") });
  makeStateFolder(settings.home);
  const opening = Array.from({ length: count }, () => outerForDaemon(settings));
  const opened = await Promise.all(opening);
  const pids = opened.map((outer) => outer?.enter("/").find((word) => /^\d+$/.test(word)));
  for (const outer of opened) outer?.[Symbol.dispose]();
  return pids;
}

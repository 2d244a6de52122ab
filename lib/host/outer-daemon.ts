import { join, relative } from "node:path";
import {
  openOuterNamespace,
  type OuterNamespace,
} from "../backends/isolation/namespaces/outer/outer-namespace.ts";
import { walkableCacheDirectory } from "./cache-directory.ts";
import { outerFolder, sessionsFolder } from "./isolation-folders.ts";
import { fileLog } from "./log-file.ts";
import { mapperPath } from "./mapper-path.ts";
import type { Settings } from "./settings.ts";
import { besideFolder, stateFolder } from "./state-folder.ts";

/** Where an ordinary user's daemon has a range of ids for its sandboxes; undefined where it can have none, or wants none. */
export async function outerForDaemon(settings: Settings): Promise<OuterNamespace | undefined> {
  if (settings.isolation === "process") return undefined;
  const { isolation, log } = stateFolder(settings.home);
  return openOuterNamespace({
    directory: outerFolder(isolation),
    // A daemon of another version, which found a busy one here, has a folder of its own beside.
    sessions: {
      directory: settings.home,
      patterns: [settings.home, besideFolder(settings.home, "*")].map((home) =>
        relative(settings.home, join(sessionsFolder(stateFolder(home).isolation), "*")),
      ),
    },
    cacheDirectory: walkableCacheDirectory(process.env),
    searchPath: mapperPath(process.env),
    log: fileLog(log, settings.logLevel),
  });
}

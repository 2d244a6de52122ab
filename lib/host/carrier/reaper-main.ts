// What `reaper.ts` starts: waits until its input ends. A line before the end says that nothing is left to do.
import { text } from "node:stream/consumers";
import { removeTree } from "../../backends/isolation/file-tree.ts";
import { fileLog } from "../log-file.ts";
import { embeddedHolder } from "../engine-holder.ts";
import { withoutSqliteWarning } from "../quiet-sqlite.ts";
import { readSettings } from "../settings.ts";
import { stateFolder } from "../state-folder.ts";

// The lock is free as soon as its holder is dead, which is what the end of the input says.
const LOCK_PATIENCE_MS = 10_000;

/** Stops what runs, as its owner would: a persistent sandbox gets its snapshot. */
async function stopAll(): Promise<void> {
  const settings = readSettings();
  const { openEngine } = await withoutSqliteWarning(() => import("../open-engine.ts"));
  const holder = embeddedHolder();
  const log = fileLog(stateFolder(settings.home).log, settings.logLevel);
  await using engine = await openEngine(settings, { log, holder, waitMs: LOCK_PATIENCE_MS });
  await engine.stopAll();
}

if ((await text(process.stdin)) === "") {
  try {
    await stopAll();
  } finally {
    if (process.argv[2] === "remove") await removeTree(readSettings().home);
  }
}
// Whatever is still open is not this process's to wait for.
process.exit();

import { type FSWatcher, watch } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Exit } from "../../engine/ports.ts";
import { killTree } from "./process-tree.ts";
import { isRecorderAlive, type RecorderHandle } from "./recorded-process.ts";

/** As if killed: what became of it nobody saw. */
const LOST: Exit = { exitCode: 137, lost: true };

// The end of another process's child is no event to Node; a recorder that is killed leaves nothing
// that `fs.watch` would see. Rare, so that a look every few seconds is enough.
const LOOK_EVERY_MS = 2_000;

/**
 * How a command of an earlier engine ends or has ended: by what its recorder
 * wrote, or `lost` when the recorder is gone without a word. Never rejects.
 */
export function adoptedExit(
  handle: RecorderHandle,
  { directory, sessionId }: { directory: string; sessionId: string },
): Promise<Exit> {
  const { promise, resolve } = Promise.withResolvers<Exit>();
  let watcher: FSWatcher | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ended = false;
  const end = (exit: Exit) => {
    ended = true;
    watcher?.close();
    clearInterval(timer);
    resolve(exit);
  };
  const lookOnce = async () => {
    // First whether it lives, then the file: it may write and end in between, not the other way round.
    const alive = isRecorderAlive(handle);
    const exit = await readExit(directory);
    if (ended) return;
    if (exit) {
      end(exit);
    } else if (!alive) {
      const { commandId, startTime } = handle;
      await killTree({ sessionId, commandId, recorders: new Set(), since: startTime });
      if (!ended) end(LOST);
    }
  };
  // Where there are no descriptors left to look at processes with, the timer comes back.
  const look = () => void lookOnce().catch(() => undefined);
  try {
    watcher = watch(directory, { persistent: false }, (_event, name) => {
      // Its output is in the same directory, and may be much. Some systems give no name.
      if (name === "exit" || name === null) look();
    });
    watcher.on("error", () => watcher?.close()); // The timer goes on.
  } catch {
    // No watches left, or no directory: the timer sees the end, a little later.
  }
  timer = setInterval(look, LOOK_EVERY_MS).unref();
  look();
  return promise;
}

/** What the recorder wrote; undefined until the newline says that it is whole. */
async function readExit(directory: string): Promise<Exit | undefined> {
  const text = await readFile(join(directory, "exit"), "latin1").catch(() => ""); // Not there yet.
  const code = /^(\d{1,3})\n$/.exec(text)?.[1];
  return code === undefined ? undefined : { exitCode: Number(code) };
}

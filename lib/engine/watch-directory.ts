import { watch } from "node:fs";

// Only where the system gives no watch: seldom enough to cost nothing, often enough for a log.
const LOOK_EVERY_MS = 200;

export interface DirectoryWatch extends Disposable {
  /** Set when the system gave no watch, so that the directory is looked at again and again instead. */
  readonly reason?: unknown;
}

/**
 * Calls after something in the directory changed, with the file's name where the system tells it.
 * Never keeps the process alive: a program that has nothing left to do ends, whatever commands write.
 */
export function watchDirectory(
  directory: string,
  call: (file: string | null) => void,
): DirectoryWatch {
  // Linux bounds the watches of a user (`fs.inotify.max_user_watches`), and an editor may hold them all.
  const look = () => {
    const timer = setInterval(() => call(null), LOOK_EVERY_MS).unref();
    return () => clearInterval(timer);
  };
  try {
    let end: () => void;
    const watcher = watch(directory, { persistent: false }, (_event, file) => call(file));
    end = () => watcher.close();
    watcher.on("error", () => {
      watcher.close();
      end = look();
    });
    return { [Symbol.dispose]: () => end() };
  } catch (reason) {
    return { reason, [Symbol.dispose]: look() };
  }
}

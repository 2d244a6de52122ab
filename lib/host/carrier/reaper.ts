import { spawn } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { ownEnvironment } from "../own-environment.ts";
import type { Settings } from "../settings.ts";

export interface ReaperOptions {
  /** The folder of the engine that is watched over. */
  settings: Settings;
  /** Whether the folder goes, too. */
  removes: boolean;
}

/**
 * Waits beside this process, and when it dies without having disposed of this, ends what its engine left
 * running and deletes its folder. A worker that is killed takes neither its children nor its files along.
 */
export function watchOver({ settings, removes }: ReaperOptions): AsyncDisposable {
  const program = new URL(`./reaper-main${extname(import.meta.url)}`, import.meta.url);
  const args = [fileURLToPath(program), removes ? "remove" : "keep"];
  // Until it is needed it is a shell that waits for a line: a waiting Node would take 40 MB per sandbox.
  const [command, ...rest] =
    process.platform === "win32"
      ? [process.execPath, ...args]
      : ["/bin/sh", "-c", 'read -r line || exec "$@"', "sandlot-reaper", process.execPath, ...args];
  const child = spawn(command, rest, {
    // A session of its own: what ends the worker's group must not end it.
    detached: true,
    env: ownEnvironment(settings),
    stdio: ["pipe", "ignore", "ignore"],
    windowsHide: true,
  });
  const gone = Promise.withResolvers<void>();
  child.once("error", () => gone.resolve());
  child.once("exit", () => gone.resolve());
  child.stdin.on("error", () => undefined); // It is gone already.
  child.unref();
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end("done\n");
      await gone.promise;
    },
  };
}

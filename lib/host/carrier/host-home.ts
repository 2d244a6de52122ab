import { existsSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { removeTree } from "../../backends/isolation/file-tree.ts";
import { Cleanup } from "../../std/cleanup.ts";
import type { Settings } from "../settings.ts";
import { makeStateFolder, stateFolder } from "../state-folder.ts";
import { watchOver } from "./reaper.ts";
import { fetchHome, forgetHome, storeHome } from "./stored-home.ts";

/**
 * The state folder of one host's engine, watched over by a reaper. Ending it deletes what is not kept; so
 * does the reaper, should this process die.
 */
export interface HostHome extends AsyncDisposable {
  /** For the engine in it. */
  readonly settings: Settings;
  /** Whether it held a sandbox when it was opened: one of an earlier host. */
  readonly hasState: boolean;
  /** Stores what is in it, where it does not stay by itself. Only while nothing runs. */
  readonly keep: (() => Promise<void>) | undefined;
  /** Called when the sandbox was deleted: nothing of it is kept any more, once this is ended. */
  forget(): void;
}

/**
 * Opens the folder for the sandbox of that name: the one that was kept, if there is a place where folders
 * are kept and it has one, else an empty one.
 */
export async function openHostHome(settings: Settings, name: string): Promise<HostHome> {
  const { keep } = settings;
  const stays = keep?.kind === "folder";
  const path = stays ? join(keep.path, name) : await mkdtemp(join(tmpdir(), "sandlot-host-"));
  if (stays) await mkdir(path, { recursive: true, mode: 0o700 });
  const own: Settings = { ...settings, engine: { kind: "embedded" }, home: path };
  const cleanup = new Cleanup();
  const reaper = watchOver({ settings: own, removes: !stays });
  // Told last, when there is nothing left that it would have to do.
  cleanup.add(() => reaper[Symbol.asyncDispose]());
  const stored = keep?.kind === "url" ? { url: `${keep.url}/${name}.tar.gz`, path } : undefined;
  let isForgotten = false;
  cleanup.add(async () => {
    if (isForgotten && stored) await forgetHome(stored);
  });
  cleanup.add(async () => {
    if (!stays || isForgotten) await removeTree(path);
  });
  try {
    const hasState = stored ? await fetchHome(stored) : existsSync(stateFolder(path).database);
    makeStateFolder(path);
    return {
      settings: own,
      hasState,
      keep: stored && (() => storeHome(stored)),
      forget: () => void (isForgotten = true),
      [Symbol.asyncDispose]: () => cleanup[Symbol.asyncDispose](),
    };
  } catch (error) {
    await cleanup[Symbol.asyncDispose]();
    throw error;
  }
}

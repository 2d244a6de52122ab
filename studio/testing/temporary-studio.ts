import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sandbox } from "sandlot";
import { readSettings, sharedTransport, stopDaemon } from "sandlot/host";
import { Studio, type StudioOptions } from "../server/studio.ts";

/** A studio of its own, which is gone at the end with its folder, its engine and all sandboxes. */
export interface TemporaryStudio extends AsyncDisposable {
  studio: Studio;
  home: string;
  /** Opens the folder anew, as after a restart; without `close` as if the first had been killed. */
  reopen: (options?: { close: boolean }) => Promise<Studio>;
}

/** Opens a studio with an embedded engine in a folder of its own. Only one may be open in a process at a time. */
export async function temporaryStudio(
  startAgent: StudioOptions["startAgent"],
): Promise<TemporaryStudio> {
  const home = await mkdtemp(join(tmpdir(), "sandlot-studio-"));
  const before = { ...process.env };
  process.env["SANDLOT_HOME"] = home;
  process.env["SANDLOT_ENGINE"] = "embedded";
  process.env["SANDLOT_LOG_LEVEL"] = "warn";
  const options = { home, isCloud: false, startAgent };
  const opened = [await Studio.open(options)];
  const temporary: TemporaryStudio = {
    studio: opened[0]!,
    home,
    async reopen({ close } = { close: true }) {
      if (close) await opened.pop()?.[Symbol.asyncDispose]();
      const studio = await Studio.open(options);
      opened.push(studio);
      temporary.studio = studio;
      return studio;
    },
    async [Symbol.asyncDispose]() {
      for (const studio of opened) await studio[Symbol.asyncDispose]();
      await deleteSandboxes();
      const settings = readSettings();
      await sharedTransport(settings).close();
      await stopDaemon(settings, { stopSandboxes: true });
      process.env = before;
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  return temporary;
}

async function deleteSandboxes(): Promise<void> {
  const listed = await Sandbox.list({ limit: 50 });
  for (const { name } of await listed.toArray()) {
    const sandbox = await Sandbox.get({ name, resume: false });
    await sandbox.delete({ deleteOrphanSnapshots: true });
  }
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sandbox } from "sandlot";
import { readSettings, sharedTransport } from "sandlot/host";
import { vi } from "vitest";

/** An engine of its own in this process, to which the SDK goes until it is disposed of, with all that it held. */
export async function temporaryEngine(): Promise<AsyncDisposable> {
  const home = await mkdtemp(join(tmpdir(), "sandlot-ai-"));
  vi.stubEnv("SANDLOT_HOME", home);
  vi.stubEnv("SANDLOT_ENGINE", "embedded");
  const settings = readSettings();
  return {
    async [Symbol.asyncDispose]() {
      const { sandboxes } = await Sandbox.list();
      for (const { name } of sandboxes) {
        const sandbox = await Sandbox.get({ name, resume: false });
        await sandbox.delete({ deleteOrphanSnapshots: true });
      }
      await sharedTransport(settings).close();
      vi.unstubAllEnvs();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sandbox } from "sandlot";
import { readSettings, sharedTransport } from "sandlot/host";

/** What of vitest's `vi` is needed: no room but tests knows the test runner. */
interface TestEnvironment {
  stubEnv(name: string, value: string): unknown;
  unstubAllEnvs(): unknown;
}

/** What a file's tests share an engine by. */
interface TestRunner {
  vi: TestEnvironment;
  beforeAll(work: () => Promise<void>): unknown;
  afterAll(work: () => Promise<void>): unknown;
}

/** Gives the tests of a file an engine of their own. */
export function useEngine({ vi, beforeAll, afterAll }: TestRunner): void {
  let engine: AsyncDisposable | undefined;
  beforeAll(async () => {
    engine = await temporaryEngine(vi);
  });
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]();
  });
}

/** An engine of its own in this process, to which the SDK goes until it is disposed of, with all that it held. */
export async function temporaryEngine(
  environment: TestEnvironment,
): Promise<AsyncDisposable & { home: string }> {
  const home = await mkdtemp(join(tmpdir(), "sandlot-ai-"));
  environment.stubEnv("SANDLOT_HOME", home);
  environment.stubEnv("SANDLOT_ENGINE", "embedded");
  environment.stubEnv("SANDLOT_LOG_LEVEL", "warn");
  const settings = readSettings();
  return {
    home,
    async [Symbol.asyncDispose]() {
      // Of all pages: what is not deleted runs on, and nobody knows of it any more.
      for (const { name } of await (await Sandbox.list()).toArray()) {
        const sandbox = await Sandbox.get({ name, resume: false });
        await sandbox.delete({ deleteOrphanSnapshots: true });
      }
      await sharedTransport(settings).close();
      environment.unstubAllEnvs();
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

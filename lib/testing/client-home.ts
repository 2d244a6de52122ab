import { vi } from "vitest";
import { sharedTransport } from "../host/shared-transport.ts";
import { temporaryHome } from "./temporary-home.ts";

/** A state folder whose engine the classes of `trigger-client` use in this process until it is ended. */
export async function clientHome(
  env: Record<string, string> = {},
): Promise<AsyncDisposable & { home: string }> {
  const home = await temporaryHome(env);
  for (const [name, value] of Object.entries(home.env)) vi.stubEnv(name, value);
  const transport = sharedTransport();
  return {
    home: home.home,
    async [Symbol.asyncDispose]() {
      await transport.close();
      vi.unstubAllEnvs();
      await home[Symbol.asyncDispose]();
    },
  };
}

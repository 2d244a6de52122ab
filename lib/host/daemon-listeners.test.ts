import { expect, test } from "vitest";
import { temporaryDirectory } from "../testing/temporary-directory.ts";
import { Activity, createApiServer } from "./api-server.ts";
import { DaemonListeners } from "./daemon-listeners.ts";
import { readSettings } from "./settings.ts";

const SILENT = { info: () => undefined, warn: () => undefined };

function listeners(home: string): DaemonListeners {
  const nothing = async () => new Response(null, { status: 404 });
  return new DaemonListeners({
    settings: readSettings({ SANDLOT_HOME: home, SANDLOT_LISTEN: "auto" }),
    mounts: [{ name: "e2b", prefix: "/e2b", load: async () => ({ fetch: nothing }) }],
    log: SILENT,
    serve: (options) => createApiServer({ ...options, host: nothing, activity: new Activity() }),
    opened: () => undefined,
  });
}

test("takes names that programs were given for asked for, also beside an address of the settings", async () => {
  await using directory = await temporaryDirectory();
  {
    await using first = listeners(directory.path);
    await first.start();
    expect(first.isAskedFor).toBe(false);
    await first.listen({ names: true });
    expect(first.isAskedFor).toBe(true);
  }
  await using next = listeners(directory.path);
  await next.start();
  expect(next.isAskedFor).toBe(true);
});

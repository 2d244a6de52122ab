import { expect, test } from "vitest";
import { embeddedHolder } from "./engine-holder.ts";
import { hostApi } from "./host-api.ts";
import type { OpenEngine } from "./open-engine.ts";

test("says why it cannot listen, whatever it was that failed", async () => {
  const answer = hostApi({
    // Listening asks nothing of the engine.
    open: {} as OpenEngine,
    holder: embeddedHolder(),
    home: "/some/home",
    requests: () => 1,
    listen: () => Promise.reject(new Error("EROFS: read-only file system, open 'token'")),
  });
  const response = await answer(
    new Request("http://localhost/sandlot/listen", { method: "POST", body: "{}" }),
  );
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    error: {
      code: "engine_unavailable",
      message:
        "The engine was asked to listen on a port, but it cannot: EROFS: read-only file system, open 'token'. Its state is in /some/home.",
    },
  });
});

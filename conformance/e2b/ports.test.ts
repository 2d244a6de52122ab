import { describe, expect } from "vitest";
import { proves } from "../proves.ts";
import { forE2b } from "./harness.ts";

forE2b((e2b) => {
  describe("ports", () => {
    const reach = (id: string, port: number, path = "/", init: RequestInit = {}) => {
      const headers = new Headers(init.headers);
      headers.set("E2b-Sandbox-Id", id);
      headers.set("E2b-Sandbox-Port", String(port));
      return fetch(`${e2b().environment["E2B_SANDBOX_URL"]}${path}`, { ...init, headers });
    };

    proves("ENV-701")("answer under the sandbox's URL", async () => {
      await using sandbox = await e2b().create();
      expect(sandbox.getHost(8000)).toContain(`8000-${sandbox.sandboxId}.`);
      await sandbox.files.write("page/index.html", "<p>served</p>");
      await sandbox.commands.run("cd page && exec python3 -m http.server ${PORT:-18231}", {
        background: true,
      });
      const answered = async () => (await reach(sandbox.sandboxId, 18_231, "/index.html")).status;
      await expect.poll(answered, { timeout: 10_000 }).toBe(200);
      const page = await reach(sandbox.sandboxId, 18_231, "/index.html");
      expect(await page.text()).toBe("<p>served</p>");
      expect((await reach(sandbox.sandboxId, 18_231, "/none")).status).toBe(404);
    });

    proves("ENV-702")("that are closed, and sandboxes that are not there, are named", async () => {
      await using sandbox = await e2b().create();
      const closed = await reach(sandbox.sandboxId, 18_232);
      expect([closed.status, await closed.json()]).toMatchObject([
        502,
        { sandboxId: sandbox.sandboxId, port: 18_232 },
      ]);
      const unknown = await reach("i00000000000000000000", 18_232);
      expect([unknown.status, await unknown.json()]).toMatchObject([
        502,
        { sandboxId: "i00000000000000000000" },
      ]);
    });
  });
});

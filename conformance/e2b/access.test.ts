import { describe, expect } from "vitest";
import { ISOLATION } from "../isolation.ts";
import { proves } from "../proves.ts";
import { forE2b } from "./harness.ts";

const EXPIRED = { code: 401, message: "signature is already expired" };

function form(content: string): FormData {
  const data = new FormData();
  data.append("file", content);
  return data;
}

forE2b((e2b) => {
  describe("signed links", () => {
    proves("ENV-601")("open one file, for a time", async () => {
      await using sandbox = await e2b().create();
      await sandbox.files.write("hello.txt", "hello world");
      const forever = await fetch(await sandbox.downloadUrl("hello.txt"));
      expect([forever.status, await forever.text()]).toEqual([200, "hello world"]);
      const timed = await sandbox.downloadUrl("hello.txt", { useSignatureExpiration: 10_000 });
      expect(await (await fetch(timed)).text()).toBe("hello world");
      const part = await fetch(timed, { headers: { range: "bytes=6-" } });
      expect([part.status, await part.text()]).toEqual([206, "world"]);
      const past = await fetch(
        await sandbox.downloadUrl("hello.txt", { useSignatureExpiration: -10_000 }),
      );
      expect([past.status, await past.json()]).toEqual([401, EXPIRED]);
      const upload = await sandbox.uploadUrl("up.txt", { useSignatureExpiration: 10_000 });
      const sent = await fetch(upload, { method: "POST", body: form("file content") });
      expect(await sent.json()).toEqual([
        { name: "up.txt", path: "/home/user/up.txt", type: "file" },
      ]);
      expect(await sandbox.files.read("up.txt")).toBe("file content");
      const late = await sandbox.uploadUrl("up.txt", { useSignatureExpiration: -100_000 });
      const refused = await fetch(late, { method: "POST", body: form("late") });
      expect([refused.status, await refused.json()]).toEqual([401, EXPIRED]);
      if (ISOLATION === "process") return; // There is no root whose files they could be.
      const rootUpload = await sandbox.uploadUrl("root.txt", { user: "root" });
      const asRoot = await fetch(rootUpload, { method: "POST", body: form("root's") });
      expect(await asRoot.json()).toEqual([
        { name: "root.txt", path: "/root/root.txt", type: "file" },
      ]);
      const rootDownload = await sandbox.downloadUrl("root.txt", { user: "root" });
      expect(await (await fetch(rootDownload)).text()).toBe("root's");
    });

    proves("ENV-602")("and tokens open no other sandbox, path, user or operation", async () => {
      await using one = await e2b().create();
      await using two = await e2b().create();
      await one.files.write("secret.txt", "one's");
      await two.files.write("secret.txt", "two's");
      // The links name no sandbox: the signature alone tells which is meant.
      expect(await (await fetch(await one.downloadUrl("secret.txt"))).text()).toBe("one's");
      expect(await (await fetch(await two.downloadUrl("secret.txt"))).text()).toBe("two's");
      const link = new URL(await one.downloadUrl("secret.txt"));
      const changes: [string, string][] = [
        ["path", "/etc/passwd"],
        ["username", "root"],
        ["signature_expiration", "99999999999"],
        ["signature", "v1_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
      ];
      for (const [name, value] of changes) {
        const changed = new URL(link);
        changed.searchParams.set(name, value);
        expect({ name, status: (await fetch(changed)).status }).toEqual({ name, status: 401 });
      }
      const written = await fetch(link, { method: "POST", body: form("changed") });
      expect(written.status).toBe(401);
      const url = e2b().environment["E2B_SANDBOX_URL"] ?? "";
      const tokenOf = Reflect.get(one, "envdAccessToken") as string;
      for (const [id, status] of [
        [one.sandboxId, 200],
        [two.sandboxId, 401],
      ] as const) {
        const response = await fetch(`${url}/envs`, {
          headers: {
            "E2b-Sandbox-Id": id,
            "E2b-Sandbox-Port": "49983",
            "X-Access-Token": tokenOf,
          },
        });
        expect(response.status).toBe(status);
      }
    });
  });
});

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
      await expect.poll(answered).toBe(200);
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

import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { forE2b, SDKS } from "./harness.ts";

forE2b(
  (e2b) => {
    proves("E2B-111", "E2B-112")("secrets are kept, versioned, and never told", async () => {
      const { Secret } = e2b().sdk;
      const name = `key-${randomUUID().slice(0, 8)}`;
      const made = await Secret.create(name, "hunter2", { metadata: { for: "test" } });
      expect(made).toMatchObject({ name, version: 1, metadata: { for: "test" } });
      expect((await rejection(Secret.create(name, "again"))).message).toContain("409");
      expect(await Secret.getInfo(name)).toEqual(made);
      await Secret.update(made.secretId, "hunter3");
      expect(await Secret.getInfo(made.secretId)).toMatchObject({ name, version: 2 });
      const listed = [];
      const pages = Secret.list({ limit: 1 });
      while (pages.hasNext) listed.push(...(await pages.nextItems()));
      expect(listed.map((secret) => secret.name)).toContain(name);
      const raw = await (await e2b().call(`/secrets/${made.secretId}`)).text();
      expect(raw).not.toContain("hunter");
      expect(await Secret.destroy(name)).toBe(true);
      expect(await Secret.destroy(name)).toBe(false);
      expect(await Secret.exists(name)).toBe(false);
      const gone = await rejection(Secret.getInfo(name));
      expect(gone.constructor.name).toBe("SecretNotFoundError");
    });
  },
  { versions: Object.keys(SDKS) },
);

import { randomUUID } from "node:crypto";
import { Sandbox } from "sandlot";
import { describe, expect } from "vitest";
import { forEachTransport, rejection } from "./harness.ts";
import { proves } from "./proves.ts";

forEachTransport((connection) => {
  describe("lists of sandboxes", () => {
    proves("SBX-035", "API-018")("have the newest first, stopped ones included", async () => {
      await using first = await connection().create();
      await using second = await connection().create();
      await second.stop();
      const { sandboxes, pagination } = await Sandbox.list({ limit: 2 });
      expect(sandboxes.map(({ name }) => name)).toEqual([second.name, first.name]);
      expect(pagination.count).toBe(2);
      expect((await Sandbox.list({ limit: 1 })).sandboxes[0]?.name).toBe(second.name);
    });

    proves(
      "SBX-036",
      "SBX-037",
      "SBX-038",
      "API-018",
    )("are read in pages and as a whole", async () => {
      const prefix = `page-${randomUUID().slice(0, 8)}-`;
      await using stack = new AsyncDisposableStack();
      const names = ["a", "b", "c", "d", "e"].map((letter) => `${prefix}${letter}`);
      for (const name of names) stack.use(await connection().create({ name }));
      const query = { sortBy: "name", sortOrder: "asc", namePrefix: prefix, limit: 2 } as const;

      const seen: string[][] = [];
      let cursor: string | undefined;
      do {
        const page = await Sandbox.list({ ...query, ...(cursor !== undefined && { cursor }) });
        seen.push(page.sandboxes.map(({ name }) => name));
        cursor = page.pagination.next ?? undefined;
      } while (cursor !== undefined);
      expect(seen).toEqual([names.slice(0, 2), names.slice(2, 4), names.slice(4)]);

      const items: string[] = [];
      for await (const { name } of await Sandbox.list(query)) items.push(name);
      expect(items).toEqual(names);

      const pages: number[] = [];
      for await (const page of (await Sandbox.list(query)).pages()) {
        pages.push(page.sandboxes.length);
      }
      expect(pages).toEqual([2, 2, 1]);

      const all = await (await Sandbox.list({ ...query, sortOrder: "desc" })).toArray();
      expect(all.map(({ name }) => name)).toEqual(names.toReversed());
    });

    proves("SBX-039", "API-019")(
      "refuse a prefix without a sort by name, and a foreign cursor",
      async () => {
        for (const query of [{ namePrefix: "a" }, { cursor: "not-a-cursor" }]) {
          const refused = await rejection(Sandbox.list(query));
          expect(refused).toMatchObject({ response: { status: 400 } });
        }
      },
    );

    proves("SBX-040", "SBX-041")("are filtered by one tag", async () => {
      const value = randomUUID().slice(0, 8);
      await using sandbox = await connection().create({ tags: { suite: value, other: "x" } });
      await using _other = await connection().create({ tags: { suite: `${value}-other` } });
      const found = await Sandbox.list({ tags: { suite: value } });
      expect(found.sandboxes.map(({ name }) => name)).toEqual([sandbox.name]);
      expect(found.sandboxes[0]?.tags).toEqual({ suite: value, other: "x" });
      expect((await Sandbox.list({ tags: { suite: "nobody" } })).sandboxes).toEqual([]);
      const two: Record<string, string> = { suite: value, other: "x" };
      const refused = await rejection(Sandbox.list({ tags: two }));
      expect(refused).not.toHaveProperty("response");
    });

    proves("SBX-042")("are sorted by when the status changed", async () => {
      await using first = await connection().create();
      await using second = await connection().create();
      await first.stop();
      const { sandboxes } = await Sandbox.list({ sortBy: "statusUpdatedAt", limit: 2 });
      expect(sandboxes.map(({ name }) => name)).toEqual([first.name, second.name]);
    });

    proves("SBX-043")("are filtered by status", async () => {
      await using running = await connection().create();
      await using stopped = await connection().create();
      await stopped.stop();
      for (const [status, name, other] of [
        ["running", running.name, stopped.name],
        ["stopped", stopped.name, running.name],
      ] as const) {
        const response = await connection().call(`/v2/sandboxes?status=${status}`);
        const { sandboxes } = (await response.json()) as { sandboxes: { name: string }[] };
        const names = sandboxes.map((sandbox) => sandbox.name);
        expect(names).toContain(name);
        expect(names).not.toContain(other);
      }
    });
  });
});

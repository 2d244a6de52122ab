import { expect, test } from "vitest";
import { KeyedMutex } from "../../std/keyed-mutex.ts";
import { temporaryEngine } from "../../testing/temporary-engine.ts";
import { withFilesOf } from "./files-of-sandbox.ts";

test("files that are in use are not taken away by whoever asks for them next", async () => {
  await using made = await temporaryEngine();
  const { engine } = made;
  const view = await engine.sandboxes.create({
    name: "box",
    keepLastSnapshots: { count: 1, expirationMs: 0, deleteEvicted: true },
  });
  const context = { engine, turns: new KeyedMutex() };
  let next: Promise<string | undefined> | undefined;
  const first = await withFilesOf(context, view, {
    async use(id = "") {
      next = withFilesOf(context, view, { use: async (other) => other });
      // Comes after whatever has been asked of the sandbox's engine before.
      await engine.sandboxes.update("box", {});
      return engine.snapshots.get(id);
    },
  });
  expect(first.status).toBe("created");
  expect(await next).not.toBe(first.id);
  expect((await engine.snapshots.get(first.id)).status).toBe("deleted");
});

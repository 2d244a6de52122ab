import { afterAll, beforeAll, describe, expect } from "vitest";
import { closeViews, FACE_VIEWS, type FaceView, type View } from "./face-views.ts";
import { proves } from "./proves.ts";
import { openVendorDaemon, type VendorDaemon } from "./vendor-daemon.ts";

let daemon: VendorDaemon;
beforeAll(async () => {
  daemon = await openVendorDaemon("e2b", "daytona");
});
afterAll(async () => {
  await closeViews();
  await daemon?.[Symbol.asyncDispose]();
});

const views = Object.entries<FaceView>(FACE_VIEWS);
/** A server that is up when its line was written. */
const SERVER = `node -e 'require("http").createServer((q, a) => a.end("served")).listen(3000, () => console.log("up"))'`;

describe.each(views)("made through %s, used through", (maker, { create, runs }) => {
  describe.each(views)("%s:", (user, { use, list }) => {
    proves(
      "XF-001",
      "XF-002",
      "XF-003",
      "XF-004",
      "XF-005",
    )("it is found, used and ended, and its maker sees that", async () => {
      const known = await create();
      const own = await FACE_VIEWS[maker as keyof typeof FACE_VIEWS].use(known);
      const seen = await list();
      expect(seen.includes(known.id) || seen.includes(known.name)).toBe(true);

      const other = await use(known);
      await own.write("from-its-maker.txt", "one");
      await other.write("folder/from-its-user.txt", "two");
      expect(await other.read("from-its-maker.txt")).toBe("one");
      expect(await own.read("folder/from-its-user.txt")).toBe("two");
      const where = "pwd; id -u; cat folder/from-its-user.txt; exit 3";
      expect(await ended(other, where)).toEqual(await ended(own, where));

      await other.run(`${SERVER} > log 2>&1 & until grep -q up log; do sleep 0.05; done`);
      expect(await other.fetch(3000)).toBe("200 served");

      await other.end();
      expect(await runs(known)).toBe(false);
    });
  });
});

/** Some clients throw for a command that fails. */
async function ended({ run }: View, line: string): Promise<unknown> {
  return run(`(${line}); echo "ended with $?"`);
}

proves("XF-006")("labels, metadata and tags are one thing", async () => {
  const labels = Object.fromEntries(
    Array.from({ length: 20 }, (_, each) => [`key-${each}`, "x".repeat(400)]),
  );
  const known = await FACE_VIEWS.e2b.create(labels);
  for (const [, view] of views) expect(await view.labels(known)).toMatchObject(labels);
  await FACE_VIEWS.daytona.relabel(known, { changed: "there" });
  for (const [, view] of views)
    expect(await view.labels(known)).toMatchObject({ changed: "there" });
  await FACE_VIEWS.vercel.relabel(known, { changed: "again" });
  for (const [, view] of views)
    expect(await view.labels(known)).toMatchObject({ changed: "again" });
});

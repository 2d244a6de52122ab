import { randomUUID } from "node:crypto";
import { Sandbox as VercelSandbox } from "sandlot";
import { expect } from "vitest";
import { deleting } from "../harness.ts";
import { proves } from "../proves.ts";
import { type E2b, forE2b, SDKS } from "./harness.ts";

type Listing = ReturnType<E2b["sdk"]["Sandbox"]["list"]>;

async function all(listing: Listing): Promise<string[][]> {
  const pages: string[][] = [];
  while (listing.hasNext) {
    pages.push((await listing.nextItems()).map(({ sandboxId }) => sandboxId));
  }
  return pages;
}

forE2b(
  (e2b) => {
    proves("E2B-018", "E2B-019")("lists come in pages, and hold what was asked for", async () => {
      const { Sandbox } = e2b().sdk;
      const own = { run: randomUUID() };
      await using first = await e2b().create({ metadata: { ...own, "a&b": "c=d e%ü" } });
      await e2b().controls.clock.advance(1_000);
      await using second = await e2b().create({
        metadata: { ...own, kind: "x" },
        template: "code-interpreter-v1",
      });
      await e2b().controls.clock.advance(1_000);
      await using third = await e2b().create({ metadata: { ...own, kind: "x" } });
      const [a, b, c] = [first.sandboxId, second.sandboxId, third.sandboxId];
      expect(await all(Sandbox.list({ query: { metadata: own }, limit: 2 }))).toEqual([
        [c, b],
        [a],
      ]);
      const only = (query: NonNullable<NonNullable<Parameters<typeof Sandbox.list>[0]>["query"]>) =>
        Sandbox.list({ query: { ...query, metadata: { ...own, ...query.metadata } } }).nextItems();
      const ids = (found: { sandboxId: string }[]) => found.map(({ sandboxId }) => sandboxId);
      expect(ids(await only({ metadata: { "a&b": "c=d e%ü" } }))).toEqual([a]);
      expect(ids(await only({ metadata: { kind: "x" } }))).toEqual([c, b]);
      await second.pause();
      expect(ids(await only({ state: ["paused"] }))).toEqual([b]);
      expect(ids(await only({ state: ["running"] }))).toEqual([c, a]);
      expect(ids(await only({ state: ["running", "paused"] }))).toEqual([c, b, a]);
      // What an engine killed while it was paused is gone from every list.
      expect(await second.kill()).toBe(true);
      expect(ids(await only({ state: ["paused"] }))).toEqual([]);
    });
  },
  { versions: Object.keys(SDKS) },
);

forE2b((e2b) => {
  proves(
    "E2B-018",
    "E2B-019",
    "E2B-022",
  )("lists of the latest client know more", async () => {
    const { Sandbox } = e2b().sdk;
    await using first = await e2b().create({ template: "code-interpreter-v1" });
    await e2b().controls.clock.advance(1_000);
    const { startedAt } = await first.getInfo();
    await using second = await e2b().create();
    const [a, b] = [first.sandboxId, second.sandboxId];
    expect(await all(Sandbox.list({ order: "asc", limit: 1 }))).toEqual([[a], [b]]);
    expect(await all(Sandbox.list({ query: { template: "base" } }))).toEqual([[b]]);
    expect(await all(Sandbox.list({ query: { startedAfter: startedAt } }))).toEqual([[b]]);
    await first.pause();
    const old = await e2b().call("/sandboxes");
    expect(await old.json()).toMatchObject([
      { sandboxID: b, state: "running", clientID: expect.any(String) },
    ]);
  });

  proves("E2B-020")("a sandbox of another face is one of ours", async () => {
    const { Sandbox } = e2b().sdk;
    await using vercel = deleting(await VercelSandbox.create({ tags: { from: "vercel" } }));
    const [listed] = await Sandbox.list({ query: { metadata: { from: "vercel" } } }).nextItems();
    expect(listed).toMatchObject({ templateId: "base", state: "running" });
    const id = listed?.sandboxId ?? "";
    const sandbox = await Sandbox.connect(id);
    await sandbox.files.write("/vercel/sandbox/note.txt", "from e2b");
    expect((await vercel.readFileToBuffer({ path: "note.txt" }))?.toString()).toBe("from e2b");
    expect((await sandbox.commands.run("cat note.txt", { cwd: "/vercel/sandbox" })).stdout).toBe(
      "from e2b",
    );
    await vercel.stop();
    expect((await sandbox.getInfo()).state).toBe("paused");
    await Sandbox.connect(id);
    expect(await sandbox.isRunning()).toBe(true);
    expect(await sandbox.files.read("/vercel/sandbox/note.txt")).toBe("from e2b");
    expect(await sandbox.kill()).toBe(true);
  });

  proves("E2B-021")("a sandbox of ours is one of another face", async () => {
    await using sandbox = await e2b().create({ metadata: { to: "vercel" } });
    await sandbox.files.write("note.txt", "for vercel");
    const listed = await VercelSandbox.list({ tags: { to: "vercel" } });
    const [found] = await listed.toArray();
    const vercel = await VercelSandbox.get({ name: found?.name ?? "" });
    const command = await vercel.runCommand("cat", ["/home/user/note.txt"]);
    expect(await command.stdout()).toBe("for vercel");
    await sandbox.pause();
    expect((await VercelSandbox.get({ name: vercel.name, resume: false })).status).toBe("stopped");
    await e2b().sdk.Sandbox.connect(sandbox.sandboxId);
    // What is stopped elsewhere is paused here, and has its files.
    await (await VercelSandbox.get({ name: vercel.name })).stop();
    expect((await sandbox.getInfo()).state).toBe("paused");
    await e2b().sdk.Sandbox.connect(sandbox.sandboxId);
    expect(await sandbox.files.read("note.txt")).toBe("for vercel");
  });
});

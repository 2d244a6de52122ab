import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { rejection } from "../harness.ts";
import { proves } from "../proves.ts";
import { type E2b, forE2b, killing, SDKS } from "./harness.ts";

type Listing = ReturnType<E2b["sdk"]["Sandbox"]["listSnapshots"]>;

async function all(listing: Listing): Promise<string[]> {
  const ids: string[] = [];
  while (listing.hasNext) {
    ids.push(...(await listing.nextItems()).map(({ snapshotId }) => snapshotId));
  }
  return ids;
}

forE2b(
  (e2b) => {
    proves("E2B-023")("a snapshot is a start for others, and no end of its own", async () => {
      await using source = await e2b().create({ timeoutMs: 600_000 });
      const { endAt } = await source.getInfo();
      await source.files.write("state.txt", "one");
      const running = await source.commands.run("sleep 600", { background: true, timeoutMs: 0 });
      const snapshot = await source.createSnapshot();
      expect((await source.commands.list()).map(({ pid }) => pid)).toContain(running.pid);
      expect((await source.getInfo()).endAt).toEqual(endAt);
      await source.files.write("state.txt", "two");
      await using copy = await e2b().create({ template: snapshot.snapshotId });
      expect(copy.sandboxId).not.toBe(source.sandboxId);
      expect(await copy.files.read("state.txt")).toBe("one");
      expect(await source.files.read("state.txt")).toBe("two");
      expect((await copy.getInfo()).templateId).toBe(snapshot.snapshotId);
      expect(await e2b().sdk.Sandbox.deleteSnapshot(snapshot.snapshotId)).toBe(true);
    });

    proves("E2B-025")("a fork has the files and settings of its source", async () => {
      await using source = await e2b().create({ metadata: { kind: "fork" }, envs: { WORD: "hi" } });
      await source.files.write("state.txt", "one");
      const forks = await source.fork({ count: 3, timeoutMs: 120_000 });
      expect(forks).toHaveLength(3);
      await source.files.write("state.txt", "two");
      for (const fork of forks) {
        if (fork instanceof Error) throw fork;
        await using copy = killing(fork);
        expect(await copy.files.read("state.txt")).toBe("one");
        expect((await copy.commands.run("echo $WORD")).stdout).toBe("hi\n");
        const info = await copy.getInfo();
        expect(info.metadata).toEqual({ kind: "fork" });
        expect(info.endAt.getTime() - info.startedAt.getTime()).toBe(120_000);
      }
      expect(await source.files.read("state.txt")).toBe("two");
      // What was only taken for the copies is none of the account's snapshots.
      expect(await all(source.listSnapshots())).toEqual([]);
    });
  },
  { versions: Object.keys(SDKS) },
);

forE2b((e2b) => {
  proves("E2B-024")("snapshots have names, and are found by them", async () => {
    const { Sandbox } = e2b().sdk;
    const name = `snap-${randomUUID().slice(0, 8)}`;
    const source = await e2b().create();
    await source.files.write("state.txt", "one");
    const first = await source.createSnapshot();
    const named = await source.createSnapshot({ name });
    expect([first.names, named.names]).toEqual([[], [name]]);
    expect(await all(source.listSnapshots({ limit: 1 }))).toEqual([
      named.snapshotId,
      first.snapshotId,
    ]);
    expect(await all(Sandbox.listSnapshots({ name }))).toEqual([named.snapshotId]);
    await source.kill();
    expect(await all(Sandbox.listSnapshots())).toEqual([named.snapshotId, first.snapshotId]);
    await using copy = await e2b().create({ template: name });
    expect(await copy.files.read("state.txt")).toBe("one");
    expect(await Sandbox.deleteSnapshot(first.snapshotId)).toBe(true);
    expect(await Sandbox.deleteSnapshot(first.snapshotId)).toBe(false);
    const gone = await rejection(Sandbox.create(first.snapshotId));
    expect(gone.message).toContain("404");
    expect(await Sandbox.deleteSnapshot(named.snapshotId)).toBe(true);
    expect(await all(Sandbox.listSnapshots())).toEqual([]);
  });
});

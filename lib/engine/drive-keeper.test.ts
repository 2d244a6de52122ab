import { expect, test } from "vitest";
import { readText, writeText } from "../testing/in-sandbox.ts";
import { temporaryEngine } from "../testing/temporary-engine.ts";

const request = (name: string) => ({ name, region: "iad1", maxSizeBytes: 1_000_000 });
const mounts = (drive: string, mode: "read-write" | "snapshot" = "read-write") => ({
  "/vercel/sandbox/data": { drive, mode },
});

test("a drive is made once, however often it is asked for", async () => {
  await using fixture = await temporaryEngine();
  const { drives } = fixture.engine;
  const made = await Promise.all([1, 2, 3].map(() => drives.getOrCreate(request("cache"))));
  expect(new Set(made.map(({ drive }) => drive.id)).size).toBe(1);
  expect(made.filter(({ created }) => created)).toHaveLength(1);
  expect(await drives.get(made[0]?.drive.id ?? "")).toEqual(made[0]?.drive);
});

test("what a sandbox writes to a drive outlives it", async () => {
  await using fixture = await temporaryEngine();
  const { engine } = fixture;
  await engine.drives.getOrCreate(request("cache"));
  const first = await engine.sandboxes.create({ name: "writer", mounts: mounts("cache") });
  await writeText(engine, first.session.id, "data/a.txt", "stays");
  await engine.sandboxes.delete("writer");
  const second = await engine.sandboxes.create({ mounts: mounts("cache") });
  expect(await readText(engine, second.session.id, "data/a.txt")).toBe("stays");
});

test("a drive has one writer, and cannot be deleted under it", async () => {
  await using fixture = await temporaryEngine();
  const { engine } = fixture;
  await engine.drives.getOrCreate(request("cache"));
  const { session } = await engine.sandboxes.create({ name: "writer", mounts: mounts("cache") });
  expect(await engine.drives.get("cache")).toMatchObject({
    currentSandboxName: "writer",
    currentSessionId: session.id,
  });
  await expect(engine.sandboxes.create({ mounts: mounts("cache") })).rejects.toMatchObject({
    code: "drive_in_use",
  });
  await expect(engine.drives.delete("cache")).rejects.toMatchObject({ code: "drive_in_use" });
  await engine.sessions.stop(session.id);
  await engine.drives.delete("cache");
  await expect(engine.drives.get("cache")).rejects.toMatchObject({ code: "drive_not_found" });
});

test("a point-in-time mount sees the drive as it was", async () => {
  await using fixture = await temporaryEngine();
  const { engine } = fixture;
  await engine.drives.getOrCreate(request("cache"));
  const writer = await engine.sandboxes.create({ mounts: mounts("cache") });
  await writeText(engine, writer.session.id, "data/a.txt", "before");
  const reader = await engine.sandboxes.create({ mounts: mounts("cache", "snapshot") });
  await writeText(engine, writer.session.id, "data/a.txt", "after");
  expect(await readText(engine, reader.session.id, "data/a.txt")).toBe("before");
});

test("a fork of a drive goes its own way", async () => {
  await using fixture = await temporaryEngine();
  const { engine } = fixture;
  await engine.drives.getOrCreate(request("cache"));
  const writer = await engine.sandboxes.create({ mounts: mounts("cache") });
  await writeText(engine, writer.session.id, "data/a.txt", "copied");
  await engine.drives.fork("cache", request("copy"));
  const reader = await engine.sandboxes.create({ mounts: mounts("copy") });
  expect(await readText(engine, reader.session.id, "data/a.txt")).toBe("copied");
  await expect(engine.drives.fork("cache", request("copy"))).rejects.toMatchObject({
    code: "name_taken",
  });
});

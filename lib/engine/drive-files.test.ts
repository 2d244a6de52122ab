import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { runToEnd, writeText } from "../testing/in-sandbox.ts";
import { temporaryEngine } from "../testing/temporary-engine.ts";

async function withDrive() {
  const fixture = await temporaryEngine();
  const { drive } = await fixture.engine.drives.getOrCreate({
    name: "data",
    region: "iad1",
    maxSizeBytes: 1_000_000,
  });
  return { ...fixture, drive, files: fixture.engine.drives.files("data") };
}

const bytes = (content: string) => Readable.from([Buffer.from(content)]);

test("a drive's files are written, listed, read and deleted while no sandbox runs", async () => {
  await using the = await withDrive();
  const { files } = the;
  const info = await files.write("/a/b.txt", bytes("hello"), { mode: 0o600 });
  expect(info).toMatchObject({ path: "/a/b.txt", name: "b.txt", size: 5, mode: 0o600 });
  expect(await files.makeDirectory("a/c/d", { recursive: true, mode: 0o700 })).toMatchObject({
    created: true,
    info: { path: "/a/c/d", mode: 0o700 },
  });
  expect((await files.list("/", { depth: 3 })).map(({ path }) => path)).toEqual([
    "/a",
    "/a/b.txt",
    "/a/c",
    "/a/c/d",
  ]);
  const { size, content } = await files.read("/a/b.txt", { start: 1, end: 2 });
  expect([size, await text(content)]).toEqual([5, "el"]);
  await files.remove("/a");
  await expect(files.stat("/a")).rejects.toMatchObject({ code: "file_not_found" });
  expect(await files.stat("/")).toMatchObject({ path: "/", type: "directory" });
});

test("a sandbox that has the drive sees the same files, and the other way round", async () => {
  await using the = await withDrive();
  const mounts = { "/vercel/sandbox/data": { drive: "data", mode: "read-write" as const } };
  const { session } = await the.engine.sandboxes.create({ mounts });
  await the.files.write("/from-outside", bytes("1"));
  await writeText(the.engine, session.id, "data/from-inside", "2");
  const { stdout } = await runToEnd(the.engine, session.id, "sh", ["-c", "cat data/from-outside"]);
  expect(stdout).toBe("1");
  expect((await the.files.list("/")).map(({ name }) => name)).toEqual([
    "from-inside",
    "from-outside",
  ]);
});

test("no link in a drive leads out of it", async () => {
  await using the = await withDrive();
  const mounts = { "/vercel/sandbox/data": { drive: "data", mode: "read-write" as const } };
  const { session } = await the.engine.sandboxes.create({ mounts });
  const links = `ln -s /etc/passwd data/absolute; ln -s ${"../".repeat(40)}etc data/climbing; ln -s / data/top`;
  await runToEnd(the.engine, session.id, "sh", ["-c", links]);
  for (const path of ["/absolute", "/climbing/passwd", "/top/etc/passwd", "/../../etc/passwd"]) {
    await expect(the.files.read(path), path).rejects.toMatchObject({
      code: expect.stringMatching(/file_not_found|path_outside_sandbox/) as string,
    });
  }
  await expect(the.files.remove("/")).rejects.toMatchObject({ code: "invalid_request" });
});

test("a deleted drive's files are gone by name and by id", async () => {
  await using the = await withDrive();
  const byId = the.engine.drives.files(the.drive.id);
  expect(await byId.list("/")).toEqual([]);
  await the.engine.drives.delete("data");
  for (const files of [the.files, byId]) {
    await expect(files.list("/")).rejects.toMatchObject({ code: "drive_not_found" });
  }
});

test("what is no id and no mode is refused", async () => {
  await using the = await withDrive();
  for (const permissions of [{ uid: -1 }, { gid: 1.5 }, { mode: 0o17777 }, { uid: Number.NaN }]) {
    const written = the.files.write("/f", bytes("x"), permissions);
    await expect(written).rejects.toMatchObject({ code: "invalid_request" });
  }
  expect(await the.files.list("/")).toEqual([]);
});

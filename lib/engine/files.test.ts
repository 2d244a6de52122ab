import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { type Header, pack } from "tar-stream";
import { expect, test } from "vitest";
import { readText, runToEnd, writeText } from "../testing/in-sandbox.ts";
import { temporaryEngine } from "../testing/temporary-engine.ts";

async function running() {
  const fixture = await temporaryEngine();
  const { session } = await fixture.engine.sandboxes.create({});
  return { ...fixture, files: fixture.engine.files, id: session.id };
}

function tar(entries: (Partial<Header> & { name: string; body?: string })[]): Readable {
  const archive = pack();
  for (const { body = "", ...header } of entries) archive.entry(header, body);
  archive.finalize();
  return Readable.from(archive);
}

test("an upload lands below its directory, with modes, parents and empty directories", async () => {
  await using the = await running();
  const archive = tar([
    { name: "empty/deep/", type: "directory" },
    { name: "bin/run", body: "#!/bin/sh\necho ran $0\n", mode: 0o755 },
    { name: "./a/../b.txt", body: "first" },
    { name: "b.txt", body: "last wins" },
    { name: "/tmp/absolute.txt", body: "at its own place" },
  ]);
  await the.files.writeArchive(the.id, archive, { directory: "sub" });
  const { stdout } = await runToEnd(the.engine, the.id, "sh", [
    "-c",
    "cd sub && find . | sort && bin/run && cat b.txt && cat ../../../tmp/absolute.txt",
  ]);
  expect(stdout.split("\n")).toEqual([
    ".",
    "./b.txt",
    "./bin",
    "./bin/run",
    "./empty",
    "./empty/deep",
    "ran bin/run",
    "last winsat its own place",
  ]);
});

test("an upload that breaks off keeps what was whole, and names where it broke", async () => {
  await using the = await running();
  const bytes = await buffer(
    tar([
      { name: "whole.txt", body: "x" },
      { name: "cut.txt", body: "y".repeat(9_000) },
    ]),
  );
  const write = the.files.writeArchive(the.id, Readable.from([bytes.subarray(0, 4_000)]), {
    directory: "/vercel/sandbox",
  });
  await expect(write).rejects.toMatchObject({ code: "invalid_request" });
  await expect(write).rejects.toThrow(/cut\.txt/);
  const { stdout } = await runToEnd(the.engine, the.id, "ls");
  expect(stdout).toBe("whole.txt\n");
});

test("an upload that is refused takes no more from whoever sends it", async () => {
  await using the = await running();
  const head = await buffer(tar([{ name: "trap", type: "symlink", linkname: "/etc/passwd" }]));
  // The rest never comes: the refusal must not wait for it.
  const archive = new Readable({ read: () => undefined });
  archive.push(head.subarray(0, 512));
  const write = the.files.writeArchive(the.id, archive, { directory: "/vercel/sandbox" });
  await expect(write).rejects.toThrow(/trap is a symlink/);
  expect(archive.destroyed).toBe(true);
});

test("an upload whose caller leaves ends with the caller's reason", async () => {
  await using the = await running();
  const archive = new Readable({ read: () => undefined });
  const controller = new AbortController();
  const { signal } = controller;
  const write = the.files.writeArchive(the.id, archive, { directory: "/vercel/sandbox", signal });
  const head = await buffer(tar([{ name: "half.txt", body: "x".repeat(5_000) }]));
  archive.push(head.subarray(0, 2_000));
  await new Promise(setImmediate);
  controller.abort(new Error("left"));
  await expect(write).rejects.toThrow("left");
});

test("names are relative to the given directory, and that to the session's", async () => {
  await using the = await running();
  await the.files.makeDirectory(the.id, { path: "one/two", recursive: true });
  await the.files.makeDirectory(the.id, { path: "three", cwd: "one/two", recursive: false });
  await writeText(the.engine, the.id, "one/two/three/file.txt", "found");
  for (const file of [
    { path: "one/two/three/file.txt" },
    { path: "three/file.txt", cwd: "one/two" },
    { path: "../three/./file.txt", cwd: "/vercel/sandbox/one/two/three" },
    { path: "/vercel/sandbox/one/two/three/file.txt", cwd: "/tmp" },
  ]) {
    const { size, content } = await the.files.read(the.id, file);
    expect([size, (await buffer(content)).toString()]).toEqual([5, "found"]);
  }
  expect(await readText(the.engine, the.id, "one/two/three/file.txt")).toBe("found");
});

test("a missing file is said to be missing, and a stopped session to be stopped", async () => {
  await using the = await running();
  await expect(the.files.read(the.id, { path: "none" })).rejects.toMatchObject({
    code: "file_not_found",
  });
  await the.engine.sessions.stop(the.id);
  const calls = [
    the.files.read(the.id, { path: "none" }),
    the.files.makeDirectory(the.id, { path: "x", recursive: true }),
    the.files.writeArchive(the.id, tar([{ name: "a" }]), { directory: "/" }),
    the.files.stat(the.id, { path: "." }),
    the.files.remove(the.id, { path: "x" }),
    the.files.watch(the.id, { path: "." }).next(),
  ];
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: "sandbox_stopped" });
});

test("files are written one by one with what is told of them, and found again by every word", async () => {
  await using the = await running();
  const { files, id } = the;
  const entry = (path: string, content: string) => ({
    path,
    size: content.length,
    content: Readable.from([Buffer.from(content)]),
  });
  const written = await files.write(
    id,
    Readable.from([entry("b.txt", "bb"), entry("sub/a.txt", "a"), entry("/tmp/c.txt", "ccc")]),
    { cwd: "deep" },
  );
  expect(written.map(({ path, size }) => [path, size])).toEqual([
    ["/vercel/sandbox/deep/b.txt", 2],
    ["/vercel/sandbox/deep/sub/a.txt", 1],
    ["/tmp/c.txt", 3],
  ]);
  const listed = await files.list(id, { path: "deep", depth: 2 });
  expect(listed.map(({ path, type }) => [path, type])).toEqual([
    ["/vercel/sandbox/deep/b.txt", "file"],
    ["/vercel/sandbox/deep/sub", "directory"],
    ["/vercel/sandbox/deep/sub/a.txt", "file"],
  ]);
  const move = { source: "b.txt", destination: "../moved.txt", cwd: "deep" };
  expect(await files.move(id, move)).toMatchObject({ path: "/vercel/sandbox/moved.txt", size: 2 });
  const shut = await files.setPermissions(id, { path: "moved.txt", mode: 0o600 });
  expect(shut.mode).toBe(0o600);
  const { size, content } = await files.read(id, { path: "moved.txt", start: 1 });
  expect([size, (await buffer(content)).toString()]).toEqual([2, "b"]);
  await files.remove(id, { path: "deep" });
  expect((await files.list(id, { path: "." })).map(({ name }) => name)).toEqual(["moved.txt"]);
});

test("a request that makes no sense is refused before anything is done", async () => {
  await using the = await running();
  const { files, id } = the;
  const calls = [
    files.list(id, { path: ".", depth: 0 }),
    files.list(id, { path: ".", depth: 1.5 }),
    files.read(id, { path: "x", start: -1 }),
    files.setPermissions(id, { path: ".", mode: 0o17777 }),
    files.setMetadata(id, { path: ".", metadata: { "a b": "c" } }),
    files.setMetadata(id, { path: ".", metadata: { a: "x".repeat(4_096) } }),
    files.stat(id, { path: "a\0b" }),
    files.makeDirectory(id, { path: "x", recursive: true, mode: -1 }),
  ];
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: "invalid_request" });
});

test("a watch ends with its session, and with a reader that leaves", async () => {
  await using the = await running();
  const { files, id } = the;
  const left = files.watch(id, { path: "." });
  expect((await left.next()).value).toEqual({ type: "ready" });
  await left.return();
  const events = files.watch(id, { path: ".", recursive: true });
  expect((await events.next()).value).toEqual({ type: "ready" });
  await writeText(the.engine, id, "f", "x");
  const path = "/vercel/sandbox/f";
  expect((await events.next()).value).toEqual({ type: "create", name: "f", path });
  const rest = (async () => {
    for await (const event of events) if (event.type === "ready") return "ready again";
    return "ended";
  })();
  await the.engine.sessions.stop(id);
  expect(await rest).toBe("ended");
});

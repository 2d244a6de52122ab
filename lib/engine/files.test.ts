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
  ];
  for (const call of calls) await expect(call).rejects.toMatchObject({ code: "sandbox_stopped" });
});

import { once } from "node:events";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { type Header, pack } from "tar-stream";
import { describe, expect, test } from "vitest";
import { SandboxError } from "../contract/errors.ts";
import { readArchive } from "./archive.ts";

type Entry = Partial<Header> & { name: string; body?: string | Uint8Array };

async function tar(entries: Entry[]): Promise<Buffer> {
  const archive = pack();
  for (const { body = "", ...header } of entries) archive.entry(header, body);
  archive.finalize();
  return buffer(Readable.from(archive));
}

async function unpack(
  bytes: Uint8Array,
  options: { directory?: string; limits?: { entries: number; bytes: number } } = {},
) {
  const files: { path: string; mode: number | undefined; text: string }[] = [];
  const directories: string[] = [];
  const entries = readArchive(Readable.from([bytes]), {
    directory: "/vercel/sandbox",
    onDirectory: async (path) => void directories.push(path),
    ...options,
  });
  for await (const { path, mode, content } of entries) {
    const body = await buffer(Readable.from(content));
    files.push({ path, mode, text: body.toString("latin1") });
  }
  return { files, directories };
}

describe("unpacking", () => {
  test.each([
    ["plain", (bytes: Buffer) => bytes],
    ["gzipped", gzipSync],
  ])("a %s archive gives its files and directories, under the directory", async (_kind, wrap) => {
    const bytes = await tar([
      { name: "src/", type: "directory" },
      { name: "src/a.txt", body: "a", mode: 0o755 },
      { name: "/absolute.txt", body: "b" },
      { name: `${"deep/".repeat(40)}c.txt`, body: "c" },
    ]);
    expect(await unpack(wrap(bytes))).toEqual({
      directories: ["/vercel/sandbox/src"],
      files: [
        { path: "/vercel/sandbox/src/a.txt", mode: 0o755, text: "a" },
        { path: "/absolute.txt", mode: 0o644, text: "b" },
        { path: `/vercel/sandbox/${"deep/".repeat(40)}c.txt`, mode: 0o644, text: "c" },
      ],
    });
  });

  test("whatever goes in comes out", async () => {
    const names = fc.stringMatching(/^[a-z]{1,12}(\/[a-z]{1,12}){0,4}$/);
    const body = fc.uint8Array({ maxLength: 3_000 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(names, body), { maxLength: 8 }), async (entries) => {
        const bytes = await tar(entries.map(([name, content]) => ({ name, body: content })));
        const { files } = await unpack(gzipSync(bytes), { directory: "/" });
        expect(files.map(({ path, text }) => [path, text])).toEqual(
          entries.map(([name, content]) => [`/${name}`, Buffer.from(content).toString("latin1")]),
        );
      }),
      { numRuns: Number(process.env["FUZZ_RUNS"] ?? 50) },
    );
  });
});

describe("refusing", () => {
  test.each(["symlink", "link", "fifo", "character-device", "block-device"] as const)(
    "a %s is named and refused",
    async (type) => {
      const bytes = await tar([{ name: "trap", type, linkname: "/etc/passwd" }]);
      await expect(unpack(bytes)).rejects.toMatchObject({ code: "invalid_request" });
      await expect(unpack(bytes)).rejects.toThrow(/trap/);
    },
  );

  test("an archive that was cut short is not taken for a whole one", async () => {
    const bytes = await tar([{ name: "a.txt", body: "x".repeat(10_000) }]);
    await expect(unpack(bytes.subarray(0, 4_000))).rejects.toMatchObject({
      code: "invalid_request",
    });
    await expect(unpack(gzipSync(bytes).subarray(0, 40))).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  test("more entries or bytes than allowed are too large", async () => {
    const many = await tar([{ name: "a" }, { name: "b" }, { name: "c" }]);
    await expect(unpack(many, { limits: { entries: 2, bytes: 1e9 } })).rejects.toMatchObject({
      code: "too_large",
    });
    const bomb = gzipSync(await tar([{ name: "zeros", body: Buffer.alloc(2_000_000) }]));
    await expect(unpack(bomb, { limits: { entries: 9, bytes: 100_000 } })).rejects.toMatchObject({
      code: "too_large",
    });
  });

  test("an entry that announces too much is refused before anything of it is written", async () => {
    const bytes = await tar([{ name: "small", body: "x" }]);
    const huge = pack();
    huge.entry({ name: "huge", size: 2 ** 40 });
    await once(huge, "readable");
    const head: unknown = huge.read();
    const files: string[] = [];
    const entries = readArchive(Readable.from([bytes.subarray(0, 1_024), head]), {
      directory: "/",
      onDirectory: async () => undefined,
    });
    const reading = (async () => {
      for await (const { path, content } of entries) {
        files.push(path);
        await buffer(Readable.from(content));
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: "too_large" });
    await expect(reading).rejects.toThrow(/huge/);
    expect(files).toEqual(["/small"]);
  });

  test("nothing at all is no archive, an empty one is", async () => {
    await expect(unpack(Buffer.alloc(0))).rejects.toThrow(/archive is empty/);
    expect(await unpack(await tar([]))).toEqual({ files: [], directories: [] });
  });

  test("a name that is none is refused by its beginning", async () => {
    const bytes = await tar([{ name: `long/${"x".repeat(5_000)}` }]);
    await expect(unpack(bytes)).rejects.toMatchObject({ code: "invalid_request" });
    await expect(unpack(bytes)).rejects.toThrow(/"long\/xxx/);
  });

  test("one damaged byte never gets in as something else, nor fails as ours", async () => {
    const bytes = await tar([
      { name: "dir/", type: "directory" },
      { name: "dir/a.txt", body: "content" },
      { name: `${"deep/".repeat(30)}b.txt`, body: "more", pax: { comment: "x" } },
    ]);
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(255), async (place, value) => {
        const damaged = Buffer.from(bytes);
        damaged[place] = value;
        const error = await unpack(damaged, { limits: { entries: 9, bytes: 100_000 } }).then(
          ({ files, directories }) => {
            const paths = [...files.map(({ path }) => path), ...directories];
            expect(paths.every((path) => path.startsWith("/"))).toBe(true);
            return undefined;
          },
          (reason: unknown) => reason,
        );
        if (error !== undefined) {
          expect(["invalid_request", "too_large"]).toContain(SandboxError.is(error) && error.code);
        }
      }),
      { numRuns: Number(process.env["FUZZ_RUNS"] ?? 200) },
    );
  });

  test("garbage is refused as such, never as a failure of ours", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 2_000 }), async (garbage) => {
        const error = await unpack(garbage).then(
          () => undefined,
          (reason: unknown) => reason,
        );
        if (error !== undefined) {
          expect(SandboxError.is(error) && error.code).toBe("invalid_request");
        }
      }),
      { numRuns: Number(process.env["FUZZ_RUNS"] ?? 100) },
    );
  });

  test("an entry that fails names itself", async () => {
    const bytes = await tar([{ name: "first.txt", body: "x".repeat(2_000) }]);
    bytes.write("garbage", 512 + 2_048); // Where the next header would begin.
    await expect(unpack(bytes)).rejects.toThrow(/first\.txt/);
  });
});

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

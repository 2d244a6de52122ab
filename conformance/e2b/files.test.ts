import type { FilesystemEvent } from "e2b";
import { gunzipSync } from "node:zlib";
import { describe, expect } from "vitest";
import { rejection } from "../harness.ts";
import { ISOLATION } from "../isolation.ts";
import { proves } from "../proves.ts";
import { forE2b } from "./harness.ts";

forE2b(
  (e2b) => {
    describe("files", () => {
      proves("ENV-201")("are read back as they were written", async () => {
        await using sandbox = await e2b().create();
        const { files } = sandbox;
        const info = await files.write("text.txt", "grüße\n");
        expect(info).toMatchObject({ name: "text.txt", type: "file", path: "/home/user/text.txt" });
        expect(await files.read("text.txt")).toBe("grüße\n");
        const bytes = new Uint8Array([0, 255, 254, 128, 10]);
        await files.write("bytes.bin", bytes.buffer);
        expect(await files.read("bytes.bin", { format: "bytes" })).toEqual(bytes);
        await files.write("blob.bin", new Blob([bytes, "x"]));
        const blob = await files.read("blob.bin", { format: "blob" });
        expect(blob.size).toBe(6);
        await files.write("stream.txt", new Blob(["from a stream"]).stream());
        const stream = await files.read("stream.txt", { format: "stream" });
        expect(await new Response(stream).text()).toBe("from a stream");
        await files.write("empty.txt", "");
        expect(await files.read("empty.txt")).toBe("");
        expect(await files.read("empty.txt", { format: "bytes" })).toEqual(new Uint8Array(0));
        await files.write("text.txt", "shorter");
        expect(await files.read("text.txt")).toBe("shorter");
      });

      proves("ENV-203", "ENV-206")("are there or not", async () => {
        await using sandbox = await e2b().create();
        const { files } = sandbox;
        const { NotFoundError } = e2b().sdk;
        expect(await rejection(files.read("none.txt"))).toBeInstanceOf(NotFoundError);
        expect(await rejection(files.getInfo("none.txt"))).toBeInstanceOf(NotFoundError);
        expect(await rejection(files.list("none"))).toBeInstanceOf(NotFoundError);
        expect(await files.exists("none.txt")).toBe(false);
        await files.remove("none.txt");
        expect(await files.makeDir("deep/er/dir")).toBe(true);
        expect(await files.makeDir("deep/er/dir")).toBe(false);
        expect(await files.makeDir("deep")).toBe(false);
        await files.write("deep/file", "x");
        const inTheWay = files.makeDir("deep/file");
        expect(await rejection(inTheWay)).toBeInstanceOf(e2b().sdk.InvalidArgumentError);
        await files.remove("deep");
        expect(await files.exists("deep/file")).toBe(false);
        const directory = rejection(files.read("/home/user"));
        expect(await directory).toBeInstanceOf(e2b().sdk.InvalidArgumentError);
      });

      proves("ENV-207")("get other names", async () => {
        await using sandbox = await e2b().create();
        const { files } = sandbox;
        await files.write("old.txt", "content");
        const moved = await files.rename("old.txt", "new/place/name.txt");
        expect(moved).toMatchObject({ name: "name.txt", path: "/home/user/new/place/name.txt" });
        expect(await files.exists("old.txt")).toBe(false);
        expect(await files.read("new/place/name.txt")).toBe("content");
        const missing = await rejection(files.rename("old.txt", "other.txt"));
        expect(missing).toBeInstanceOf(e2b().sdk.NotFoundError);
      });
    });
  },
  { versions: ["2.51", "2.50", "2.45"] },
);

forE2b((e2b) => {
  describe("files", () => {
    proves("ENV-201")("travel as gzip and as octets where that is asked for", async () => {
      await using sandbox = await e2b().create();
      const { files } = sandbox;
      await files.write("packed.txt", "packed ".repeat(10_000), { gzip: true });
      expect(await files.read("packed.txt", { gzip: true })).toBe("packed ".repeat(10_000));
      const octets = { useOctetStream: true };
      await files.write("octets.txt", "octets", octets);
      expect(await files.read("octets.txt")).toBe("octets");
      const { stdout } = await sandbox.commands.run("gzip -c octets.txt | base64 -w0");
      expect(String(gunzipSync(Buffer.from(stdout, "base64")))).toBe("octets");
    });

    proves("ENV-202")("come many at once, and belong to the user", async () => {
      await using sandbox = await e2b().create();
      const written = await sandbox.files.writeFiles([
        { path: "made/a.txt", data: "a" },
        { path: "made/deep/b.txt", data: new Blob(["b"]) },
        { path: "/tmp/c.txt", data: "c" },
      ]);
      expect(written.map(({ path }) => path)).toEqual([
        "/home/user/made/a.txt",
        "/home/user/made/deep/b.txt",
        "/tmp/c.txt",
      ]);
      const { stdout } = await sandbox.commands.run(
        "echo more >> made/deep/b.txt && cat made/a.txt made/deep/b.txt && stat -c %a made/a.txt",
      );
      expect(stdout).toBe("abmore\n644\n");
      const twice = sandbox.files.writeFiles([
        { path: "same", data: "1" },
        { path: "/home/user/same", data: "2" },
      ]);
      expect((await rejection(twice)).message).toContain("same path");
    });

    proves("ENV-204", "ENV-205")("are listed with all that is known of them", async () => {
      await using sandbox = await e2b().create();
      const { files, commands } = sandbox;
      await files.write("list/one.txt", "12345");
      await files.write("list/sub/two.txt", "1");
      await commands.run("chmod 750 list/one.txt; ln -s one.txt list/link; ln -s sub list/dirlink");
      const listed = await files.list("list");
      expect(listed.map(({ name, type }) => `${name} ${type}`)).toEqual([
        "dirlink dir",
        "link file",
        "one.txt file",
        "sub dir",
      ]);
      expect(listed.find(({ name }) => name === "one.txt")).toMatchObject({
        path: "/home/user/list/one.txt",
        size: 5,
        mode: 0o750,
        permissions: "-rwxr-x---",
        modifiedTime: expect.any(Date),
      });
      if (ISOLATION === "namespaces") {
        expect(listed[0]).toMatchObject({ owner: "user", group: "user" });
      }
      const all = await files.list("list", { depth: 2 });
      expect(all.map(({ path }) => path)).toContain("/home/user/list/sub/two.txt");
      expect(await files.getInfo("list/link")).toMatchObject({
        type: "file",
        symlinkTarget: "/home/user/list/one.txt",
      });
      expect(await files.getInfo("list/sub")).toMatchObject({ type: "dir", name: "sub" });
    });

    proves("ENV-208")("bear metadata", async () => {
      await using sandbox = await e2b().create();
      const { files } = sandbox;
      const metadata = { author: "mish", purpose: "upload" };
      expect(await files.write("m.txt", "x", { metadata })).toMatchObject({ metadata });
      expect((await files.getInfo("m.txt")).metadata).toEqual(metadata);
      const [listed] = (await files.list(".")).filter(({ name }) => name === "m.txt");
      expect(listed?.metadata).toEqual(metadata);
      expect((await files.rename("m.txt", "n.txt")).metadata).toEqual(metadata);
      expect((await files.write("n.txt", "y")).metadata).toBeUndefined();
      expect((await files.getInfo("n.txt")).metadata).toBeUndefined();
    });

    proves("ENV-209")("begin at the user's home", async () => {
      await using sandbox = await e2b().create();
      const { files } = sandbox;
      expect(await files.write("~/home.txt", "x")).toMatchObject({ path: "/home/user/home.txt" });
      expect(await files.read("/home/user/../user/home.txt")).toBe("x");
      const asRoot = files.write("home.txt", "root's", { user: "root" });
      if (ISOLATION === "process") {
        expect((await rejection(asRoot)).message).toContain("process");
        return;
      }
      expect(await asRoot).toMatchObject({ path: "/root/home.txt" });
      expect((await files.getInfo("/root/home.txt")).owner).toBe("root");
      expect(await files.makeDir("/app/src")).toBe(true);
      const { stdout } = await sandbox.commands.run("touch /app/src/mine && stat -c %U /app");
      expect(stdout).toBe("user\n");
    });

    proves("ENV-210")("may be many, and large", async () => {
      await using sandbox = await e2b().create();
      const many = Array.from({ length: 2_600 }, (_, index) => ({
        path: `many/${index % 50}/${index}.txt`,
        data: `file ${index}\n`,
      }));
      expect(await sandbox.files.writeFiles(many)).toHaveLength(2_600);
      const { stdout } = await sandbox.commands.run(
        "find many -type f | wc -l; cat many/*/* | md5sum",
      );
      expect(stdout.split("\n")[0]).toBe("2600");
      const large = new Uint8Array(8 * 1024 * 1024).map((_, index) => index % 251);
      await sandbox.files.write("large.bin", large.buffer);
      const read = await sandbox.files.read("large.bin", { format: "bytes" });
      expect(Buffer.compare(read, large)).toBe(0);
    });
  });
});

forE2b((e2b) => {
  describe("watching", () => {
    proves("ENV-301")("tells what happens in a directory", async () => {
      await using sandbox = await e2b().create();
      const { files } = sandbox;
      await files.makeDir("dir/deep");
      const seen: string[] = [];
      const take = ({ type, name }: FilesystemEvent) => void seen.push(`${type} ${name}`);
      const handle = await files.watchDir("dir", take);
      const below: string[] = [];
      const all = await files.watchDir(
        "dir",
        ({ type, name, entry }) => void below.push(`${type} ${name} ${entry?.type ?? "gone"}`),
        { recursive: true, includeEntry: true },
      );
      await files.write("dir/file.txt", "one");
      await expect.poll(() => seen).toContain("write file.txt");
      await files.write("dir/file.txt", "two");
      await expect
        .poll(() => seen.filter((event) => event === "write file.txt").length)
        .toBeGreaterThan(1);
      // What became of a file is found out by looking at it, which is too late once its name is gone.
      await sandbox.commands.run("chmod 600 dir/file.txt");
      await expect.poll(() => seen).toContain("chmod file.txt");
      await sandbox.commands.run("mv dir/file.txt dir/new.txt");
      await expect.poll(() => seen).toContain("rename file.txt");
      await sandbox.commands.run("rm dir/new.txt");
      await expect.poll(() => seen).toContain("remove new.txt");
      expect(seen).toContain("create file.txt");
      await files.makeDir("dir/deep/made");
      await expect.poll(() => below).toContain("create deep/made dir");
      await files.write("dir/deep/made/inner.txt", "x");
      await expect.poll(() => below).toContain("write deep/made/inner.txt file");
      expect(seen.filter((event) => event.includes("inner"))).toEqual([]);
      await handle.stop();
      await all.stop();
    });

    proves("ENV-302")("needs a directory", async () => {
      await using sandbox = await e2b().create();
      const { FileNotFoundError, SandboxError } = e2b().sdk;
      const missing = await rejection(sandbox.files.watchDir("none", () => undefined));
      expect(missing).toBeInstanceOf(FileNotFoundError);
      await sandbox.files.write("file.txt", "x");
      const noDirectory = await rejection(sandbox.files.watchDir("file.txt", () => undefined));
      expect(noDirectory).toBeInstanceOf(SandboxError);
    });

    proves("ENV-303")("ends by stop or by its time", async () => {
      await using sandbox = await e2b().create();
      const ended: unknown[] = [];
      const onExit = (error?: Error) => void ended.push(error?.name);
      await sandbox.files.watchDir(".", () => undefined, { timeoutMs: 2_000, onExit });
      await expect.poll(() => ended).toEqual(["TimeoutError"]);
      let count = 0;
      const handle = await sandbox.files.watchDir(".", () => void (count += 1), { timeoutMs: 0 });
      await sandbox.files.write("a.txt", "x");
      await expect.poll(() => count).toBeGreaterThan(0);
      await handle.stop();
    });
  });
});

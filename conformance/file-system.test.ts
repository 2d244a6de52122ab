import { describe, expect } from "vitest";
import { forEachTransport, rejection } from "./harness.ts";
import { proves } from "./proves.ts";

forEachTransport((connection) => {
  describe("sandbox.fs", () => {
    proves(
      "FSY-001",
      "FSY-002",
      "FSY-003",
    )("reads, writes and appends", async () => {
      await using sandbox = await connection().create();
      const { fs } = sandbox;
      await fs.writeFile("text.txt", "grüß", "utf8");
      expect(await fs.readFile("text.txt", "utf8")).toBe("grüß");
      expect(await fs.readFile("text.txt")).toEqual(Buffer.from("grüß"));
      await fs.writeFile("data.bin", new Uint8Array([1, 2, 255]));
      expect(await fs.readFile("data.bin", { encoding: "hex" })).toBe("0102ff");
      await fs.appendFile("text.txt", " dich");
      await fs.appendFile("new.txt", "made by appending");
      expect(await fs.readFile("text.txt", "utf8")).toBe("grüß dich");
      expect(await fs.readFile("new.txt", "utf8")).toBe("made by appending");
      expect(await rejection(fs.readFile("missing.txt"))).toMatchObject({
        code: "ENOENT",
        syscall: "open",
        path: "missing.txt",
      });
    });

    proves(
      "FSY-004",
      "FSY-005",
      "FSY-006",
    )("makes and lists directories", async () => {
      await using sandbox = await connection().create();
      const { fs } = sandbox;
      await fs.mkdir("/tmp/area");
      await fs.mkdir("/tmp/area/deep/er", { recursive: true });
      await fs.writeFile("/tmp/area/file.txt", "file");
      await fs.symlink("file.txt", "/tmp/area/link.txt");
      expect((await fs.readdir("/tmp/area")).toSorted()).toEqual(["deep", "file.txt", "link.txt"]);
      const entries = await fs.readdir("/tmp/area", { withFileTypes: true });
      const types = entries
        .map((entry) => ({
          name: entry.name,
          type: entry.isFile() ? "file" : entry.isDirectory() ? "directory" : "other",
          link: entry.isSymbolicLink(),
        }))
        .toSorted((a, b) => a.name.localeCompare(b.name));
      expect(types).toEqual([
        { name: "deep", type: "directory", link: false },
        { name: "file.txt", type: "file", link: false },
        { name: "link.txt", type: "other", link: true },
      ]);
      for (const options of [undefined, { withFileTypes: true } as const]) {
        const missing = await rejection(
          options ? fs.readdir("/tmp/nowhere", options) : fs.readdir("/tmp/nowhere"),
        );
        expect(missing).toMatchObject({ code: "ENOENT", syscall: "scandir" });
      }
    });

    proves(
      "FSY-007",
      "FSY-008",
      "FSY-012",
    )("tells what a file is, and sets its mode", async () => {
      await using sandbox = await connection().create();
      const { fs } = sandbox;
      const before = Date.now();
      await fs.writeFile("file.txt", "12345");
      await fs.symlink("file.txt", "link.txt");
      const stats = await fs.stat("link.txt");
      expect({ file: stats.isFile(), size: stats.size, links: stats.nlink }).toEqual({
        file: true,
        size: 5,
        links: 1,
      });
      expect(Math.abs(stats.mtimeMs - before)).toBeLessThan(10_000);
      expect((await fs.lstat("link.txt")).isSymbolicLink()).toBe(true);
      expect((await fs.stat(".")).isDirectory()).toBe(true);
      await fs.chmod("file.txt", 0o640);
      expect((await fs.stat("file.txt")).mode & 0o777).toBe(0o640);
      await fs.chmod("file.txt", "755");
      expect((await fs.stat("file.txt")).mode & 0o777).toBe(0o755);
      expect(await rejection(fs.stat("missing"))).toMatchObject({
        code: "ENOENT",
        syscall: "stat",
      });
      expect(await rejection(fs.chmod("missing", 0o600))).toMatchObject({ code: "ENOENT" });
    });

    proves("FSY-009", "FSY-011")("removes, and says why it cannot", async () => {
      await using sandbox = await connection().create();
      const { fs } = sandbox;
      await fs.mkdir("full/inner", { recursive: true });
      await fs.writeFile("full/file.txt", "file");
      await fs.access("full/file.txt");
      expect(await rejection(fs.rmdir("full"))).toMatchObject({ code: "ENOTEMPTY" });
      await fs.unlink("full/file.txt");
      await fs.rmdir("full/inner");
      expect(await fs.exists("full/file.txt")).toBe(false);
      expect(await rejection(fs.access("full/file.txt"))).toMatchObject({ code: "ENOENT" });
      expect(await rejection(fs.unlink("full/file.txt"))).toMatchObject({ code: "ENOENT" });
      expect(await rejection(fs.rmdir("nowhere"))).toMatchObject({ code: "ENOENT" });
      expect(await rejection(fs.rm("nowhere"))).toMatchObject({ code: "ENOENT" });
      await fs.rm("nowhere", { force: true });
      await fs.mkdir("full/again/deep", { recursive: true });
      await fs.rm("full", { recursive: true });
      expect(await fs.exists("full")).toBe(false);
    });

    proves("FSY-010", "FSY-015")("renames, copies and truncates", async () => {
      await using sandbox = await connection().create();
      const { fs } = sandbox;
      await fs.writeFile("a.bin", Buffer.from([1, 2, 3, 4]));
      await fs.copyFile("a.bin", "b.bin");
      await fs.rename("b.bin", "/tmp/c.bin");
      expect(await fs.readFile("/tmp/c.bin")).toEqual(Buffer.from([1, 2, 3, 4]));
      expect(await fs.exists("b.bin")).toBe(false);
      await fs.truncate("a.bin", 2);
      await fs.truncate("a.bin", 4);
      expect(await fs.readFile("a.bin")).toEqual(Buffer.from([1, 2, 0, 0]));
      await fs.truncate("a.bin");
      expect(await fs.readFile("a.bin")).toEqual(Buffer.alloc(0));
      expect(await rejection(fs.rename("gone", "b"))).toMatchObject({ code: "ENOENT" });
      expect(await rejection(fs.copyFile("gone", "b"))).toMatchObject({ code: "ENOENT" });
    });

    proves("FSY-013")("makes and reads links", async () => {
      await using sandbox = await connection().create();
      const { fs } = sandbox;
      await fs.writeFile("target.txt", "target");
      await fs.symlink("target.txt", "link.txt");
      expect(await fs.readlink("link.txt")).toBe("target.txt");
      expect(await fs.readFile("link.txt", "utf8")).toBe("target");
      const again = await rejection(fs.symlink("target.txt", "link.txt"));
      expect(again).toMatchObject({ code: "EEXIST", syscall: "symlink" });
    });

    proves("FSY-014")("gives real paths as the API knows them", async () => {
      await using sandbox = await connection().create();
      await sandbox.fs.writeFile("/tmp/real.txt", "real");
      await sandbox.fs.symlink("real.txt", "/tmp/link.txt");
      expect(await sandbox.fs.realpath("/tmp/link.txt")).toBe("/tmp/real.txt");
    });

    proves("FSY-017")("gives absolute targets as they were given", async () => {
      await using sandbox = await connection().create();
      await sandbox.fs.symlink("/tmp/target.txt", "/tmp/link.txt");
      expect(await sandbox.fs.readlink("/tmp/link.txt")).toBe("/tmp/target.txt");
    });

    proves("FSY-016")("makes a temporary directory each time", async () => {
      await using sandbox = await connection().create();
      const { fs } = sandbox;
      const first = await fs.mkdtemp("/tmp/work-");
      const second = await fs.mkdtemp("/tmp/work-");
      expect(first).not.toBe(second);
      for (const path of [first, second]) {
        expect((await fs.stat(path)).isDirectory()).toBe(true);
        await fs.writeFile(`${path}/inside.txt`, path);
        expect(await fs.readFile(`${path}/inside.txt`, "utf8")).toBe(path);
      }
    });
  });
});

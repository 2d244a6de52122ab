import { createHash, randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { forEachTransport, rejection } from "./harness.ts";
import { proves } from "./proves.ts";
import { readText } from "./texts.ts";

async function localDirectory(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), "sandlot-files-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

forEachTransport((connection) => {
  describe("files", () => {
    proves(
      "FIL-001",
      "FIL-002",
      "FIL-003",
    )("are read back as they were written", async () => {
      await using sandbox = await connection().create();
      const bytes = randomBytes(4_096);
      await sandbox.writeFiles([
        { path: "one.txt", content: "one\n" },
        { path: "two.bin", content: bytes },
        { path: "three.bin", content: new Uint8Array([0, 255, 254, 128]) },
      ]);
      expect(await readText(await sandbox.readFile({ path: "one.txt" }))).toBe("one\n");
      expect(await sandbox.readFileToBuffer({ path: "two.bin" })).toEqual(bytes);
      const three = await sandbox.readFileToBuffer({ path: "three.bin" });
      expect(three).toEqual(Buffer.from([0, 255, 254, 128]));
    });

    proves("FIL-004")("are null when they are not there", async () => {
      await using sandbox = await connection().create();
      for (const path of ["missing.txt", "no/such/directory/file", "/tmp/missing"]) {
        expect(await sandbox.readFile({ path })).toBeNull();
        expect(await sandbox.readFileToBuffer({ path })).toBeNull();
      }
    });

    proves("FIL-005", "FIL-010")("may be empty, and are replaced as a whole", async () => {
      await using sandbox = await connection().create();
      await sandbox.writeFiles([{ path: "file.txt", content: "a long first version" }]);
      await sandbox.writeFiles([{ path: "file.txt", content: "short" }]);
      expect(String(await sandbox.readFileToBuffer({ path: "file.txt" }))).toBe("short");
      await sandbox.writeFiles([{ path: "file.txt", content: "" }]);
      expect(await sandbox.readFileToBuffer({ path: "file.txt" })).toEqual(Buffer.alloc(0));
    });

    proves(
      "FIL-006",
      "FIL-007",
      "FIL-023",
    )("get their parents, their mode and their owner", async () => {
      await using sandbox = await connection().create();
      await sandbox.writeFiles([
        { path: "deep/er/plain.txt", content: "plain" },
        { path: "bin/run", content: "#!/bin/sh\necho ran\n", mode: 0o755 },
        { path: "private", content: "secret", mode: 0o600 },
      ]);
      const result = await sandbox.runCommand("stat", [
        "-c",
        "%a",
        "deep/er/plain.txt",
        "bin/run",
        "private",
      ]);
      expect((await result.stdout()).trim().split("\n")).toEqual(["644", "755", "600"]);
      expect(await (await sandbox.runCommand("bin/run")).stdout()).toBe("ran\n");
      const owned = await sandbox.runCommand("sh", [
        "-c",
        'test "$(stat -c %u private)" = "$(id -u)" && test -O deep/er && echo mine',
      ]);
      expect(await owned.stdout()).toBe("mine\n");
    });

    proves(
      "FIL-008",
      "FIL-009",
      "FIL-013",
    )("are the same for commands and for the API", async () => {
      await using sandbox = await connection().create();
      await sandbox.writeFiles([
        { path: "sub/relative.txt", content: "relative" },
        { path: "/tmp/absolute.txt", content: "absolute" },
        { path: "/vercel/sandbox/sub/whole.txt", content: "whole" },
      ]);
      const result = await sandbox.runCommand("cat", [
        "sub/relative.txt",
        "/tmp/absolute.txt",
        "/vercel/sandbox/sub/whole.txt",
      ]);
      expect(await result.stdout()).toBe("relativeabsolutewhole");
      await sandbox.runCommand("sh", ["-c", 'printf made > "$TMPDIR/made.txt"; printf x > by.txt']);
      expect(String(await sandbox.readFileToBuffer({ path: "/tmp/made.txt" }))).toBe("made");
      expect(String(await sandbox.readFileToBuffer({ path: "/vercel/sandbox/by.txt" }))).toBe("x");
      const relative = await sandbox.readFileToBuffer({ path: "relative.txt", cwd: "sub" });
      const absolute = await sandbox.readFileToBuffer({ path: "absolute.txt", cwd: "/tmp" });
      expect([String(relative), String(absolute)]).toEqual(["relative", "absolute"]);
    });

    proves("FIL-011")("are written by the thousand in one call", async () => {
      await using sandbox = await connection().create();
      const files = Array.from({ length: 2_600 }, (_, index) => ({
        path: `many/${index % 50}/${index}.txt`,
        content: `file ${index}`,
      }));
      await sandbox.writeFiles(files);
      const count = await sandbox.runCommand("sh", ["-c", "find many -type f | wc -l"]);
      expect((await count.stdout()).trim()).toBe("2600");
      const last = await sandbox.readFileToBuffer({ path: "many/49/2599.txt" });
      expect(String(last)).toBe("file 2599");
    });

    proves("FIL-012")("keep every byte when they are large", async () => {
      await using sandbox = await connection().create();
      const content = randomBytes(24 * 1024 * 1024);
      await sandbox.writeFiles([{ path: "large.bin", content }]);
      const sum = createHash("sha256").update(content).digest("hex");
      const inside = await sandbox.runCommand("sha256sum", ["large.bin"]);
      expect((await inside.stdout()).split(" ")[0]).toBe(sum);
      const back = await sandbox.readFileToBuffer({ path: "large.bin" });
      expect(
        createHash("sha256")
          .update(back ?? "")
          .digest("hex"),
      ).toBe(sum);
    });

    proves(
      "FIL-014",
      "FIL-015",
      "FIL-016",
      "FIL-017",
    )("are downloaded", async () => {
      await using sandbox = await connection().create();
      await using local = await localDirectory();
      await sandbox.writeFiles([{ path: "there.txt", content: "there" }]);
      const plain = await sandbox.downloadFile(
        { path: "there.txt" },
        { path: "plain.txt", cwd: local.path },
      );
      expect(plain).toBe(join(local.path, "plain.txt"));
      expect(await readFile(plain ?? "", "utf8")).toBe("there");
      const nested = join(local.path, "a/b/nested.txt");
      const made = await sandbox.downloadFile(
        { path: "there.txt" },
        { path: nested },
        { mkdirRecursive: true },
      );
      expect(made).toBe(nested);
      expect(await readFile(nested, "utf8")).toBe("there");
      const target = join(local.path, "missing.txt");
      expect(await sandbox.downloadFile({ path: "missing" }, { path: target })).toBeNull();
      expect(existsSync(target)).toBe(false);
      await expect(sandbox.downloadFile({ path: "" }, { path: target })).rejects.toThrow(/source/);
      const empty = sandbox.downloadFile({ path: "there.txt" }, { path: "" });
      await expect(empty).rejects.toThrow(/destination/);
    });

    proves("FIL-018", "FIL-019")("lie in directories that are made one by one", async () => {
      await using sandbox = await connection().create();
      await sandbox.mkDir("made");
      await sandbox.mkDir("/tmp/made");
      await sandbox.mkDir("made/inner");
      const result = await sandbox.runCommand("test", ["-d", "made/inner"]);
      expect(result.exitCode).toBe(0);
      expect((await sandbox.runCommand("test", ["-d", "/tmp/made"])).exitCode).toBe(0);
      const refused = await rejection(sandbox.mkDir("nowhere/inner"));
      expect(refused).toMatchObject({ response: { status: 400 } });
    });

    proves("FIL-020")("are all inside the sandbox", async () => {
      await using sandbox = await connection().create();
      await using outside = await localDirectory();
      const marker = join(outside.path, "marker.txt");
      // Links that commands make may point anywhere; the API does not follow them out.
      await sandbox.runCommand("sh", [
        "-c",
        `ln -s "$0" out; ln -s "$0/marker.txt" file`,
        outside.path,
      ]);
      for (const path of ["out/marker.txt", "file", `../../../../../../..${marker}`, marker]) {
        await sandbox.writeFiles([{ path, content: "escaped" }]).catch(() => undefined);
        expect(existsSync(marker), path).toBe(false);
      }
      const local = join(outside.path, "secret.txt");
      await import("node:fs/promises").then(({ writeFile }) => writeFile(local, "secret"));
      for (const path of ["out/secret.txt", `../../../../../../..${local}`, local]) {
        const found = await sandbox.readFileToBuffer({ path }).catch(() => null);
        expect(found, path).toBeNull();
      }
      await sandbox.mkDir("out/made").catch(() => undefined);
      expect(existsSync(join(outside.path, "made"))).toBe(false);
    });

    proves("FIL-021")("are not directories", async () => {
      await using sandbox = await connection().create();
      await sandbox.mkDir("directory");
      const found = await sandbox
        .readFileToBuffer({ path: "directory" })
        .catch((error: { response?: { status?: number } }) => error.response?.status);
      expect([null, 400]).toContain(found);
    });

    proves("FIL-022")("have any name", async () => {
      await using sandbox = await connection().create();
      const names = [
        "with space",
        "quote'\"s",
        "ünïcødé 日本語",
        "-dash",
        "dollar$HOME",
        "new\nline",
      ];
      await sandbox.writeFiles(names.map((path) => ({ path: `names/${path}`, content: path })));
      for (const name of names) {
        const found = await sandbox.readFileToBuffer({ path: `names/${name}` });
        expect(String(found)).toBe(name);
      }
      const script = "process.stdout.write(JSON.stringify(require('fs').readdirSync('names')))";
      const inside = await sandbox.runCommand("node", ["-e", script]);
      expect(JSON.parse(await inside.stdout())).toEqual(expect.arrayContaining(names));
    });
  });
});

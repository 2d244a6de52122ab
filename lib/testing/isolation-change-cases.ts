import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect } from "vitest";
import { moveByProgram } from "../engine/move-by-program.ts";
import { fileEntry, readText, writeFiles } from "./isolation-bench.ts";
import type { IsolationCases } from "./isolation-suite.ts";
import { HERE, listed } from "./listed-files.ts";

export const changeCases: IsolationCases = {
  async "gives a thing another name, over a file but not over a full directory"(bench) {
    const root = await bench.prepare();
    await bench.sh(
      root,
      "mkdir -p a/b full; echo one > a/b/f; echo two > g; touch full/x; ln -s g l",
    );
    expect(await root.files.move(`${HERE}/a`, `${HERE}/c`)).toEqual({ moved: true });
    expect(await readText(root, `${HERE}/c/b/f`)).toBe("one\n");
    await root.files.move(`${HERE}/c/b/f`, `${HERE}/g`);
    expect(await readText(root, `${HERE}/g`)).toBe("one\n");
    await root.files.move(`${HERE}/l`, `${HERE}/l2`);
    expect(await root.files.stat(`${HERE}/l2`)).toMatchObject({ type: "symlink" });
    const wrong: [string, string, string][] = [
      ["none", "x", "file_not_found"],
      ["g", "none/x", "directory_not_found"],
      ["g", "l2/x", "directory_not_found"],
      ["c", "full", "invalid_request"],
      ["c", "c/b/c", "invalid_request"],
      ["g", "full", "invalid_request"],
    ];
    for (const [source, destination, code] of wrong) {
      const moved = root.files.move(`${HERE}/${source}`, `${HERE}/${destination}`);
      await expect(moved, `${source} ${destination}`).rejects.toMatchObject({ code });
    }
    expect(await listed(root)).toEqual(["c directory", "full directory", "g file", "l2 symlink"]);
  },

  async "changes permissions of what a link leads to, with all their bits"(bench) {
    const root = await bench.prepare();
    await bench.sh(root, "touch f; mkdir d; ln -s f l; ln -s none dangling; mkfifo p");
    expect(await root.files.setPermissions(`${HERE}/l`, { mode: 0o4710 })).toMatchObject({
      mode: 0o4710,
      type: "file",
    });
    await root.files.setPermissions(`${HERE}/d`, { mode: 0o1777 });
    await root.files.setPermissions(`${HERE}/p`, { mode: 0o600 });
    expect((await bench.run(root, ["stat", "-c", "%a", "f", "d", "p"])).stdout).toBe(
      "4710\n1777\n600\n",
    );
    const dangling = root.files.setPermissions(`${HERE}/dangling`, { mode: 0o600 });
    await expect(dangling).rejects.toMatchObject({ code: "file_not_found" });
  },

  async "reads the part of a file that is asked for"(bench) {
    const root = await bench.prepare();
    await writeFiles(root, fileEntry(`${HERE}/f`, "0123456789"));
    const part = async (range: { start?: number; end?: number }) => {
      const { size, content } = await root.files.read(`${HERE}/f`, range);
      return `${size}:${(await buffer(content)).toString()}`;
    };
    expect(await part({})).toBe("10:0123456789");
    expect(await part({ start: 3 })).toBe("10:3456789");
    expect(await part({ end: 2 })).toBe("10:012");
    expect(await part({ start: 4, end: 4 })).toBe("10:4");
    expect(await part({ start: 8, end: 99 })).toBe("10:89");
    expect(await part({ start: 10 })).toBe("10:");
    expect(await part({ start: 99 })).toBe("10:");
  },

  async "tells of each file that was written, in order, whatever its size and whether that was known"(
    bench,
  ) {
    const root = await bench.prepare();
    await bench.sh(root, "ln -s elsewhere link");
    const large = Buffer.alloc(300_000, "x");
    const entries = [
      fileEntry(`${HERE}/b`, large),
      fileEntry(`${HERE}/deep/er/a`, "small", 0o600),
      {
        path: `${HERE}/unknown`,
        content: Readable.from([Buffer.from("un"), Buffer.from("known")]),
      },
      { path: `${HERE}/unknown-large`, content: Readable.from([large, large]) },
      fileEntry(`${HERE}/link`, "through"),
    ];
    const infos = await root.files.write(Readable.from(entries), { inform: true });
    expect(infos.map(({ path, size, mode }) => [path, size, mode])).toEqual([
      [`${HERE}/b`, 300_000, 0o644],
      [`${HERE}/deep/er/a`, 5, 0o600],
      [`${HERE}/unknown`, 7, 0o644],
      [`${HERE}/unknown-large`, 600_000, 0o644],
      [`${HERE}/link`, 7, 0o644],
    ]);
    expect(await readText(root, `${HERE}/elsewhere`)).toBe("through");
  },

  async "says whether a directory was made, and makes it with its mode"(bench) {
    const root = await bench.prepare();
    const make = (path: string) =>
      root.files.makeDirectory(`${HERE}/${path}`, { recursive: true, mode: 0o2770 });
    expect(await make("a/b")).toEqual({ created: true });
    expect(await make("a/b")).toEqual({ created: false });
    await bench.sh(root, "ln -s a link; touch file");
    expect(await make("link")).toEqual({ created: false });
    await expect(make("file")).rejects.toMatchObject({ code: "invalid_request" });
    expect((await bench.run(root, ["stat", "-c", "%a", "a", "a/b"])).stdout).toBe("755\n2770\n");
  },

  async "keeps what a file bears beside its content, wherever the file goes"(bench) {
    const root = await bench.prepare();
    const metadata = { author: "Ada", "x-note": "naïve ✓", empty: "" };
    const entry = { ...fileEntry(`${HERE}/f`, "x"), metadata };
    const [info] = await root.files.write(Readable.from([entry]), { inform: true });
    expect(info).toMatchObject({ metadata });
    await root.files.move(`${HERE}/f`, `${HERE}/g`);
    expect((await root.files.stat(`${HERE}/g`, { metadata: true })).metadata).toEqual(metadata);
    expect((await root.files.stat(`${HERE}/g`)).metadata).toBeUndefined();
    await writeFiles(root, fileEntry(`${HERE}/g`, "other"));
    const other = { author: "Bob" };
    await root.files.makeDirectory(`${HERE}/d`, { recursive: true });
    await root.files.setMetadata(`${HERE}/d`, metadata);
    expect(await root.files.setMetadata(`${HERE}/g`, other)).toMatchObject({ metadata: other });
    await bench.sh(root, "ln -s g l; mkfifo p");
    const all = await root.files.list(HERE, { depth: 1, metadata: true });
    expect(all.map((one) => [one.name, one.metadata])).toEqual([
      ["d", metadata],
      ["g", other],
      ["l", undefined],
      ["p", undefined],
    ]);
    await bench.sh(root, "chmod 000 g");
    const names = (await root.files.list(HERE, { depth: 1, metadata: true })).map(
      (one) => one.name,
    );
    expect(names).toEqual(["d", "g", "l", "p"]);
    await bench.sh(root, "chmod 644 g");
    await root.files.setMetadata(`${HERE}/l`, {});
    expect((await root.files.stat(`${HERE}/g`, { metadata: true })).metadata).toBeUndefined();
    const pipe = root.files.setMetadata(`${HERE}/p`, other);
    await expect(pipe).rejects.toMatchObject({ code: "invalid_request" });
  },

  async "deletes and moves no drive that is mounted, and reaches what is in it"(bench) {
    await bench.isolation.ensureDrive("drive_mounted");
    const mounts = [
      { path: `${HERE}/data`, driveId: "drive_mounted", mode: "read-write" as const },
    ];
    const root = await bench.prepare({ mounts });
    await bench.sh(root, "mkdir data/d; echo x > data/d/f");
    expect(await listed(root, HERE, 1)).toEqual(["data directory"]);
    for (const path of ["data", "."]) {
      const removed = root.files.remove(`${HERE}/${path}`, { recursive: true });
      await expect(removed, path).rejects.toMatchObject({ code: "invalid_request" });
    }
    const moved = root.files.move(`${HERE}/data`, `${HERE}/other`);
    await expect(moved).rejects.toMatchObject({ code: "invalid_request" });
    await bench.sh(root, "mkdir data/d; echo x > data/d/f");
    expect(await readText(root, `${HERE}/data/d/f`)).toBe("x\n");
    await root.files.remove(`${HERE}/data/d`, { recursive: true });
    expect(await root.files.list(`${HERE}/data`, { depth: 1 })).toEqual([]);
  },

  async "moves what a snapshot holds, if not by its name alone then by a copy"(bench) {
    const first = await bench.prepare();
    await bench.sh(first, "mkdir -p d/e; echo x > d/e/f; chmod 700 d/e");
    await first.halt({ graceMs: 0 });
    await first.capture("snap_moved");
    const root = await bench.prepare({ snapshotId: "snap_moved" });
    const [source, destination] = [`${HERE}/d`, `${HERE}/new`];
    const { moved } = await root.files.move(source, destination);
    const scratch = join(bench.directory, "scratch");
    if (!moved) await moveByProgram(root, { source, destination, scratch });
    expect(await listed(root, HERE, 3)).toEqual([
      "new directory",
      "new/e directory",
      "new/e/f file",
    ]);
    expect(await root.files.stat(`${HERE}/new/e`)).toMatchObject({ mode: 0o700 });
    await writeFiles(root, fileEntry(`${HERE}/file`, "x"));
    const refused = moveByProgram(root, {
      source: destination,
      destination: `${HERE}/file`,
      scratch,
    });
    await expect(refused).rejects.toMatchObject({ code: "invalid_request" });
  },

  async "reaches a drive's files with and without a sandbox that has it"(bench) {
    await bench.isolation.ensureDrive("drive_alone");
    using drive = await bench.isolation.openDrive("drive_alone");
    await drive.write(Readable.from([fileEntry("/a/b/f", "x", 0o640)]));
    await drive.makeDirectory("/d", { recursive: true });
    const mount = { path: `${HERE}/data`, driveId: "drive_alone", mode: "read-write" as const };
    const root = await bench.prepare({ mounts: [mount] });
    const mine = await bench.sh(
      root,
      "cat data/a/b/f; echo y > data/a/b/g; rmdir data/d; stat -c %u . data/a/b/f | uniq | wc -l",
    );
    expect(mine.stdout).toBe("x1\n");
    const infos = await drive.list("/", { depth: 9 });
    expect(infos.map(({ path, type }) => `${path} ${type}`)).toEqual([
      "/a directory",
      "/a/b directory",
      "/a/b/f file",
      "/a/b/g file",
    ]);
    await bench.sh(root, `ln -s ${bench.directory} data/out; ln -s ../../../etc data/up`);
    for (const path of ["/out/isolation", "/up/passwd"]) {
      await expect(drive.stat(path), path).rejects.toThrow();
    }
    expect(await drive.setPermissions("/a/b/g", { mode: 0o400 })).toMatchObject({ mode: 0o400 });
    await drive.remove("/a", { recursive: true });
    expect((await bench.sh(root, "ls data")).stdout).toBe("out\nup\n");
    await expect(
      bench.isolation.openDrive("drive_none").then((one) => one.stat("/")),
    ).rejects.toMatchObject({
      code: "drive_not_found",
    });
  },
};

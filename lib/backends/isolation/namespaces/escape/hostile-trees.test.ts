import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { lstat, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { describe, expect, test } from "vitest";
import type { Root } from "../../../../engine/ports.ts";
import { newId } from "../../../../std/ids.ts";
import { SYSTEM_CALLS } from "../../../../testing/escape/system-calls.ts";
import {
  fileEntry,
  IsolationBench,
  readText,
  writeFiles,
} from "../../../../testing/isolation-bench.ts";
import { makeNamespaces, whyNoNamespaces } from "../../../../testing/namespaces-bench.ts";

const makeIsolation = await makeNamespaces();
const reason = await whyNoNamespaces();

/** What `perl` makes in the sandbox's directory, as root there. */
const TREES: Record<string, string> = {
  "names that are options, lines, signs and bytes": `
    my @names = ("-rf", "--", "--checkpoint-action=exec=sh", "a\\nb", "\\e[31m", "\\xff\\xfe", "\\x80" x 255, "x" x 255,
      "...", " ", "*", '$(touch x)', "\\\\", "'", "\\r", "C:");
    for my $name (@names) {
      mkdir "files"; mkdir "directories"; open(my $f, ">", "files/$name") or die "$!"; print $f "in it"; close $f;
      mkdir "directories/$name" or die "$!"; mkdir "directories/$name/$name" or die "$!"; symlink($name, "files/l" . substr($name, 0, 254));
    }`,
  "thousands of links, in chains and in circles": `
    for (1 .. 3000) { symlink("/etc/passwd", "one$_"); symlink("one$_", "two$_"); symlink("chain" . ($_ + 1), "chain$_"); }
    symlink(".", "self"); symlink("right", "left"); symlink("left", "right"); mkdir "below"; symlink("..", "below/up"); symlink("/proc/self/root", "root");`,
  "the marks by which an overlay knows what is deleted or elsewhere": `
    mkdir "marked"; mkdir "marked/inner"; open(my $f, ">", "marked/file"); print $f "kept"; close $f;
    my %marks = ("opaque", "y", "redirect", "/etc", "whiteout", "y", "metacopy", "", "origin", "x", "impure", "y", "nlink", "U+1", "upper", "x");
    for my $set ("user", "trusted") { for my $place ("marked", "marked/inner", "marked/file") { for my $mark (keys %marks) {
      my ($at, $name, $value) = ($place, "$set.overlay.$mark", $marks{$mark}); syscall($ENV{NR_setxattr}, $at, $name, $value, length $value, 0);
    } } }
    system("mknod", "marked/gone", "c", "0", "0"); 1;`,
  "directories that lie deeper than a path can tell": `
    my $name = "d" x 200; for (1 .. 200) { mkdir $name or die "$!"; chdir $name or die "$!" } mkdir "shut"; chmod 0, "shut";`,
};

/** All that is there, with what it is; a path may be longer than the system takes. */
const DESCRIBE = `find . -mindepth 1 -printf '%y %m %s %U %l ' -print0 | sort -z | sha256sum; find . | wc -l; cat marked/file 2>/dev/null`;

const run = (bench: IsolationBench, root: Root, text: string) =>
  bench.run(root, ["perl", "-e", text], { sudo: true, env: { ...SYSTEM_CALLS } });

async function capture(root: Root): Promise<string> {
  const snapshotId = newId("snap");
  await root.halt({ graceMs: 0 });
  await root.capture(snapshotId);
  return snapshotId;
}

/** Of all that is in a directory of the host's: owner, mode and content. */
async function hostState(directory: string): Promise<string> {
  const names = (await readdir(directory, { recursive: true })).toSorted();
  const lines = names.map(async (name) => {
    const { uid, gid, mode, size } = await lstat(join(directory, name));
    return `${name} ${uid} ${gid} ${mode} ${size}`;
  });
  return (await Promise.all(lines)).join("\n");
}

describe.skipIf(reason !== undefined)(
  `a tree with hostile contents${reason ? ` (not here: ${reason})` : ""}`,
  () => {
    test.each(Object.entries(TREES))(
      "%s: snapshots and forks have it as it was, and nothing of it stays",
      async (_, text) => {
        await using bench = await IsolationBench.make(makeIsolation);
        const root = await bench.prepare();
        const made = await run(bench, root, text);
        expect(made).toMatchObject({ exitCode: 0 });
        const before = await bench.sh(root, DESCRIBE, { sudo: true });
        const snapshotId = await capture(root);
        const fork = await bench.prepare({ snapshotId });
        expect(await bench.sh(fork, DESCRIBE, { sudo: true })).toEqual(before);
        const second = await capture(fork);
        const again = await bench.prepare({ snapshotId: second });
        expect(await bench.sh(again, DESCRIBE, { sudo: true })).toEqual(before);
        await again.halt({ graceMs: 0 });
        for (const each of [again, fork, root]) await each.remove();
        for (const id of [second, snapshotId]) await bench.isolation.deleteSnapshot(id);
        expect(await readdir(join(bench.directory, "isolation", "snapshots"))).toEqual([]);
        // Roots that are ready for others have nothing in a sandbox's own directory.
        const words = ["-path", "*/vercel/sandbox/*", "-print", "-quit"];
        const options = { encoding: "utf8" } as const;
        expect(execFileSync("find", [join(bench.directory, "isolation"), ...words], options)).toBe(
          "",
        );
      },
    );

    test("each is listed, and deleted with all in it, by the file API", async () => {
      await using bench = await IsolationBench.make(makeIsolation);
      const root = await bench.prepare();
      for (const text of Object.values(TREES)) {
        await run(bench, root, text);
        const all = await root.files.list("/vercel/sandbox", { depth: 9, sudo: true });
        expect(all.length).toBeGreaterThan(2);
        for (const { type, symlinkTarget } of all) {
          expect(type === "symlink").toBe(symlinkTarget !== undefined);
        }
        const rest = await root.files.list("/vercel/sandbox", { depth: 1 });
        for (const { path, name } of rest) {
          // What has no text for a name is deleted with its directory.
          if (!name.includes("\ufffd"))
            await root.files.remove(path, { recursive: true, sudo: true });
        }
        expect((await bench.sh(root, "ls -A", { sudo: true })).stdout).toBe("");
      }
      expect(await readText(root, "/etc/passwd")).toContain("vercel-sandbox");
    });

    test.skipIf(process.getuid?.() !== 0)(
      "what is the host's in a drive is changed by no word, as root neither (needs root, to put it there)",
      async () => {
        await using bench = await IsolationBench.make(makeIsolation);
        await bench.isolation.ensureDrive("drive_hosts");
        const hosts = join(bench.directory, "isolation", "drives", "drive_hosts");
        await mkdir(join(hosts, "shut"));
        for (const name of ["file", "shut/file"]) await writeFile(join(hosts, name), "host's");
        const before = await hostState(hosts);
        const at = "/vercel/sandbox/data";
        const mounts = [{ path: at, driveId: "drive_hosts", mode: "read-write" as const }];
        const { files } = await bench.prepare({ mounts });
        using drive = await bench.isolation.openDrive("drive_hosts");
        const sudo = true;
        const words = {
          mode: () => files.setPermissions(`${at}/file`, { mode: 0o777, sudo }),
          owner: () => files.setPermissions(`${at}/file`, { owner: 1_000, sudo }),
          bears: () => files.setMetadata(`${at}/file`, { a: "b" }, { sudo }),
          write: () => files.write(Readable.from([fileEntry(`${at}/shut/file`, "x")]), { sudo }),
          add: () => files.write(Readable.from([fileEntry(`${at}/shut/new`, "x")]), { sudo }),
          make: () => files.makeDirectory(`${at}/shut/new`, { recursive: true, sudo }),
          remove: () => files.remove(`${at}/shut/file`, { recursive: true, sudo }),
          tree: () => files.remove(`${at}/shut`, { recursive: true, sudo }),
          ofDrive: () => drive.setPermissions("/file", { mode: 0o777 }),
          removeOfDrive: () => drive.remove("/shut", { recursive: true }),
          writeOfDrive: () => drive.write(Readable.from([fileEntry("/shut/new", "x")])),
        };
        for (const [name, word] of Object.entries(words)) {
          await expect(word(), name).rejects.toMatchObject({ code: "invalid_request" });
        }
        expect(await hostState(hosts)).toBe(before);
      },
    );

    test("what an engine left half deleted keeps the next one from nothing", async () => {
      await using bench = await IsolationBench.make(makeIsolation);
      await bench.prepare();
      const left = join(bench.directory, "isolation", "temporary", "left");
      await mkdir(left);
      const deep = TREES["directories that lie deeper than a path can tell"]!;
      execFileSync("/usr/bin/perl", ["-e", deep], { cwd: left });
      await bench.isolation.sweep({ roots: [], snapshotIds: [], driveIds: [] });
      expect(existsSync(left)).toBe(false);
    });

    test("files with such names are written and read by the engine", async () => {
      await using bench = await IsolationBench.make(makeIsolation);
      const root = await bench.prepare();
      const names = [
        "-rf",
        "--",
        "a\nb",
        "\u001B[31m",
        "x".repeat(255),
        "...",
        " ",
        "*",
        "$(x)",
        "\\",
        "ü",
      ];
      const at = (name: string) => `/vercel/sandbox/${name}/${name}`;
      await writeFiles(root, ...names.map((name) => fileEntry(at(name), `of ${name}`)));
      for (const name of names) expect(await readText(root, at(name))).toBe(`of ${name}`);
      const counted = await bench.sh(root, "find . -type f -print0 | tr -dc '\\0' | wc -c");
      expect(counted.stdout).toBe(`${names.length}\n`);
      const tooLong = writeFiles(root, fileEntry(at("x".repeat(256)), ""));
      await expect(tooLong).rejects.toMatchObject({ name: "SandboxError" });
    });

    test("chains and circles of links end in an answer", async () => {
      await using bench = await IsolationBench.make(makeIsolation);
      const root = await bench.prepare();
      await run(bench, root, TREES["thousands of links, in chains and in circles"]!);
      for (const path of [
        "chain1",
        "left",
        "left/below",
        `${"self/".repeat(500)}left`,
        "below/up/below/up/right",
      ]) {
        await expect(readText(root, `/vercel/sandbox/${path}`)).rejects.toMatchObject({
          name: "SandboxError",
        });
      }
      expect(await readText(root, "/vercel/sandbox/two1")).toContain("vercel-sandbox");
    });
  },
);

import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Root } from "../../engine/ports.ts";
import { newId } from "../../std/ids.ts";
import { fileEntry, IsolationBench, readText, writeFiles } from "../../testing/isolation-bench.ts";
import { makeNamespaces } from "../../testing/namespaces-bench.ts";
import type { ExchangingIsolation } from "./exchange.ts";
import { joinedIsolation } from "./joined-isolation.ts";
import { processIsolation } from "./process/process-isolation.ts";

const makers = {
  process: (directory: string) =>
    processIsolation({ directory, baseEnv: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" } }),
  namespaces: await makeNamespaces(),
};
type Kind = keyof typeof makers;

/** A state folder in which sandboxes are isolated in one way, and then in the other. */
async function folderOf(first: Kind) {
  const alone = await IsolationBench.make((directory) => makers[first](placeOf(first, directory)));
  const directory = join(alone.directory, "isolation");
  return {
    alone,
    directory,
    /** From now on with the other. */
    async change(): Promise<IsolationBench> {
      const second = first === "process" ? "namespaces" : "process";
      const former = makers[first](placeOf(first, directory)) as ExchangingIsolation;
      const current = makers[second](placeOf(second, directory)) as ExchangingIsolation;
      const bench = await IsolationBench.make(() => joinedIsolation({ current, former }));
      alone.onEnd(() => bench[Symbol.asyncDispose]());
      return bench;
    },
    /** The names in a folder of a backend's. */
    list: (kind: Kind, name: string) => readdir(join(placeOf(kind, directory), name)),
    [Symbol.asyncDispose]: () => alone[Symbol.asyncDispose](),
  };
}

function placeOf(kind: Kind, directory: string): string {
  return kind === "process" ? directory : join(directory, "namespaces");
}

async function capture(root: Root): Promise<string> {
  const snapshotId = newId("snap");
  await root.halt({ graceMs: 0 });
  await root.capture(snapshotId);
  return snapshotId;
}

const both = [
  { from: "process", to: "namespaces" },
  { from: "namespaces", to: "process" },
] as const;

describe.each(both)("what was made with $from isolation, then used with $to", ({ from, to }) => {
  test("a snapshot is restored with its files, modes and links, and can be written to", async () => {
    await using folder = await folderOf(from);
    const root = await folder.alone.prepare();
    await folder.alone.sh(
      root,
      "mkdir -p a/b shut; echo text > a/b/file; touch -d 2001-02-03 a/b/file; chmod 750 a; printf '#!' > tool; chmod 755 tool;" +
        " ln -s a/b/file link; ln -s nowhere dangling; ln tool hard; echo s > shut/secret; chmod 500 shut; chmod 000 shut/secret",
    );
    if (from === "namespaces") {
      const own = "mkdir -p /home/somebody /data && chown vercel-sandbox /home/somebody /data";
      await folder.alone.sh(root, own, { sudo: true });
    }
    await writeFiles(
      root,
      fileEntry("/tmp/kept", "temporary"),
      fileEntry("/vercel/.profile", "home"),
      fileEntry("/home/somebody/file", "somebody"),
      fileEntry("/data/deep/file", "data"),
    );
    const snapshotId = await capture(root);
    const joined = await folder.change();
    const restored = await joined.prepare({ snapshotId });
    const look =
      "stat -c '%a %n' a a/b/file tool shut shut/secret; stat -c %Y a/b/file; readlink link dangling; test tool -ef hard; echo $?";
    expect((await joined.sh(restored, look)).stdout).toBe(
      "750 a\n644 a/b/file\n755 tool\n500 shut\n0 shut/secret\n981158400\na/b/file\nnowhere\n0\n",
    );
    expect(await readText(restored, "/tmp/kept")).toBe("temporary");
    expect(await readText(restored, "/vercel/.profile")).toBe("home");
    expect(await readText(restored, "/home/somebody/file")).toBe("somebody");
    expect(await readText(restored, "/data/deep/file")).toBe("data");
    const change = "echo more >> a/b/file && touch a/new ../in-home && rm link && cat a/b/file";
    expect(await joined.sh(restored, change)).toMatchObject({ stdout: "text\nmore\n", stderr: "" });
    await writeFiles(restored, fileEntry("/data/deep/other", "x"), fileEntry("/tmp/other", "x"));
  });

  test("a snapshot stays as it was, whatever is done with what was restored", async () => {
    await using folder = await folderOf(from);
    const root = await folder.alone.prepare();
    await folder.alone.sh(root, "echo original > file");
    const snapshotId = await capture(root);
    const joined = await folder.change();
    const [one, other] = await Promise.all([
      joined.prepare({ snapshotId }),
      joined.prepare({ snapshotId }),
    ]);
    await joined.sh(one, "echo changed > file");
    expect(await readText(other, "/vercel/sandbox/file")).toBe("original\n");
    const again = await folder.alone.prepare({ snapshotId });
    expect(await readText(again, "/vercel/sandbox/file")).toBe("original\n");
  });

  test("a snapshot is measured, and gone everywhere when it is deleted", async () => {
    await using folder = await folderOf(from);
    const root = await folder.alone.prepare();
    await folder.alone.sh(root, "head -c 100000 /dev/zero > file");
    const snapshotId = await capture(root);
    const joined = await folder.change();
    const before = await joined.isolation.measureSnapshot(snapshotId);
    expect(before?.sizeBytes).toBeGreaterThanOrEqual(100_000);
    await joined.prepare({ snapshotId });
    expect(await folder.list(to, "snapshots")).toEqual([snapshotId]);
    const own = await joined.isolation.measureSnapshot(snapshotId);
    expect(own?.sizeBytes).toBeGreaterThanOrEqual(100_000);
    await joined.isolation.deleteSnapshot(snapshotId);
    expect(await joined.isolation.measureSnapshot(snapshotId)).toBeUndefined();
    await expect(joined.prepare({ snapshotId })).rejects.toMatchObject({ code: "snapshot_gone" });
    expect(await folder.list("process", "snapshots")).toEqual([]);
    expect(await folder.list(from, "temporary")).toEqual([]);
    expect(await folder.list(to, "temporary")).toEqual([]);
  });

  test("a session that runs can be taken up, halted and captured", async () => {
    await using folder = await folderOf(from);
    const root = await folder.alone.prepare();
    await folder.alone.sh(root, "echo kept > file");
    const command = await folder.alone.start(root, ["sleep", "60"]);
    const joined = await folder.change();
    const adopted = await joined.isolation.adopt(root.handle);
    const snapshotId = newId("snap");
    await adopted?.halt({ graceMs: 0 });
    await adopted?.capture(snapshotId);
    expect((await command.exited).exitCode).toBe(137);
    const restored = await joined.prepare({ snapshotId });
    expect(await readText(restored, "/vercel/sandbox/file")).toBe("kept\n");
  });

  test("a drive keeps its files, and can be written to", async () => {
    await using folder = await folderOf(from);
    const driveId = newId("drive");
    await folder.alone.isolation.ensureDrive(driveId);
    const mounts = [{ path: "/data", driveId, mode: "read-write" as const }];
    const root = await folder.alone.prepare({ mounts });
    await writeFiles(root, fileEntry("/data/folder/file", "kept"));
    await root.halt({ graceMs: 0 });
    await root.remove();
    const joined = await folder.change();
    const one = await joined.prepare({ mounts });
    const change = "cat folder/file && echo changed > folder/file && touch new";
    expect(await joined.sh(one, change, { cwd: "/data" })).toMatchObject({
      stdout: "kept",
      stderr: "",
    });
    expect(await folder.list(to, "drives")).toEqual([driveId]);
    expect(await folder.list(from, "drives")).toEqual([]);
    const copyId = newId("drive");
    await joined.isolation.copyDrive(driveId, copyId);
    await joined.isolation.deleteDrive(driveId);
    expect(await folder.list(to, "drives")).toEqual([copyId]);
  });

  test("a drive of which the way was cut off arrives", async () => {
    await using folder = await folderOf(from);
    const driveId = newId("drive");
    await folder.alone.isolation.ensureDrive(driveId);
    const mounts = [{ path: "/data", driveId, mode: "read-write" as const }];
    const root = await folder.alone.prepare({ mounts });
    await writeFiles(root, fileEntry("/data/file", "kept"));
    await root.halt({ graceMs: 0 });
    await root.remove();
    const joined = await folder.change();
    const arriving = join(placeOf(to, folder.directory), "arriving");
    await mkdir(arriving, { recursive: true });
    await rename(join(placeOf(from, folder.directory), "drives", driveId), join(arriving, driveId));
    await joined.isolation.sweep({ roots: [], snapshotIds: [], driveIds: [driveId] });
    const one = await joined.prepare({ mounts });
    const change = "cat file && echo x > file";
    expect((await joined.sh(one, change, { cwd: "/data" })).stdout).toBe("kept");
    expect(await readdir(arriving)).toEqual([]);
  });

  test("what nobody knows is swept away on both sides", async () => {
    await using folder = await folderOf(from);
    const [kept, lost] = [await folder.alone.prepare(), await folder.alone.prepare()];
    const keptId = await capture(kept);
    const lostId = await capture(lost);
    const running = await folder.alone.prepare();
    const known = await folder.alone.prepare();
    const command = await folder.alone.start(running, ["sleep", "60"]);
    const unknownDrive = newId("drive");
    await folder.alone.isolation.ensureDrive(unknownDrive);
    const joined = await folder.change();
    await joined.isolation.sweep({ roots: [known.handle], snapshotIds: [keptId], driveIds: [] });
    expect((await command.exited).exitCode).toBe(137);
    expect(await joined.isolation.adopt(running.handle)).toBeUndefined();
    expect(await joined.isolation.adopt(known.handle)).toBeDefined();
    expect(await joined.isolation.measureSnapshot(keptId)).toBeDefined();
    expect(await joined.isolation.measureSnapshot(lostId)).toBeUndefined();
    expect(await folder.list(from, "drives")).toEqual([]);
  });
});

test("what was deleted in a later layer does not come back with process isolation", async () => {
  await using folder = await folderOf("namespaces");
  const first = await folder.alone.prepare();
  await folder.alone.sh(
    first,
    "mkdir -p gone/deep again/deep; touch gone/deep/x again/deep/x file",
  );
  const second = await folder.alone.prepare({ snapshotId: await capture(first) });
  await folder.alone.sh(second, "rm -r gone again file; mkdir again; touch again/new");
  const snapshotId = await capture(second);
  const joined = await folder.change();
  const restored = await joined.prepare({ snapshotId });
  expect((await joined.sh(restored, "find . -mindepth 1 | sort")).stdout).toBe(
    "./again\n./again/new\n",
  );
});

test("the system's files stay the system's: with process isolation they are the machine's own", async () => {
  await using folder = await folderOf("namespaces");
  const first = await folder.alone.prepare();
  const install = "echo installed > /usr/local/installed; echo x > /etc/installed; echo y > file";
  await folder.alone.sh(first, install, { sudo: true });
  const snapshotId = await capture(first);
  const joined = await folder.change();
  const restored = await joined.prepare({ snapshotId });
  const { stdout } = await joined.sh(restored, "pwd; ls ../..");
  const [directory = ""] = stdout.split("\n");
  expect((await readdir(join(directory, "../.."))).toSorted()).toEqual(["home", "tmp", "vercel"]);
});

test("what a process sandbox wrote where the system's files are hides none of them", async () => {
  await using folder = await folderOf("process");
  const first = await folder.alone.prepare();
  await writeFiles(
    first,
    fileEntry("/bin/own-tool", "#!/bin/sh\necho own\n", 0o755),
    fileEntry("/usr/local/bin/other-tool", "#!/bin/sh\necho other\n", 0o755),
    fileEntry("/etc/own.conf", "own"),
    fileEntry("/run/gone", "x"),
  );
  const snapshotId = await capture(first);
  const joined = await folder.change();
  const restored = await joined.prepare({ snapshotId });
  const look =
    "ls /bin/sh /etc/passwd /usr/bin/env && other-tool && cat /etc/own.conf && stat -c %U /etc /usr/local /tmp /vercel/sandbox";
  // An ordinary user's engine has one id for everybody.
  const system = process.getuid?.() === 0 ? "root" : "vercel-sandbox";
  expect((await joined.sh(restored, look)).stdout).toBe(
    `/bin/sh\n/etc/passwd\n/usr/bin/env\nother\nown${system}\n${system}\n${system}\nvercel-sandbox\n`,
  );
});

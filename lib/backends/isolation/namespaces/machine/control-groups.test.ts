import { access, mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { temporaryDirectory } from "../../../../testing/temporary-directory.ts";
import { findHierarchies, findUnified, inspectControlGroups } from "./control-groups.ts";

const V1 = "36 31 0:33 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory";
const JOINED = "37 31 0:34 /docker/1a /sys/fs/cgroup/cpu\\040x ro - cgroup cgroup rw,cpu,cpuacct";
const V2 = "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw";

describe("findHierarchies", () => {
  test("reads where each hierarchy is mounted and where in it this process is", () => {
    const membership = "4:memory:/a/b\n2:cpu,cpuacct:/docker/1a/c\n1:name=systemd:/\n0::/user\n";
    expect(findHierarchies([V1, JOINED, V2, "1 2 3"].join("\n"), membership)).toEqual([
      {
        version: 1,
        controllers: ["memory"],
        mountPoint: "/sys/fs/cgroup/memory",
        own: "/sys/fs/cgroup/memory/a/b",
      },
      {
        version: 1,
        controllers: ["cpu", "cpuacct"],
        mountPoint: "/sys/fs/cgroup/cpu x",
        own: "/sys/fs/cgroup/cpu x/c",
      },
      {
        version: 2,
        controllers: [],
        mountPoint: "/sys/fs/cgroup/unified",
        own: "/sys/fs/cgroup/unified/user",
      },
    ]);
  });

  test("leaves out a hierarchy of which this process's part is not mounted", () => {
    expect(findHierarchies(JOINED, "2:cpu,cpuacct:/docker/1ab\n")).toEqual([]);
    expect(findHierarchies(V1, "4:memory:/../elsewhere\n")).toEqual([]);
  });

  test("never leads out of a mount point", () => {
    const part = fc.constantFrom("a", "..", ".", "", "b c");
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        for (const { own } of findHierarchies(V1, `4:memory:/${parts.join("/")}\n`)) {
          expect(`${own}/`).toMatch(/^\/sys\/fs\/cgroup\/memory\//);
        }
      }),
    );
  });
});

describe("with version 2, a place for groups", () => {
  test("is the nearest group above that holds no processes and has controllers to give", async () => {
    await using directory = await temporaryDirectory();
    const own = await standIn(directory.path, [
      { name: "", controllers: "memory pids" },
      { name: "user", controllers: "cpu memory pids" },
      { name: "scope", controllers: "cpu memory pids", processes: "7\n8\n" },
    ]);
    expect(await findUnified({ own, mountPoint: directory.path })).toEqual({
      version: 2,
      directory: join(directory.path, "user"),
      controllers: ["memory", "cpu", "pids"],
      occupied: false,
    });
  });

  test("is the own group, to be cleared first, when no other is there", async () => {
    await using directory = await temporaryDirectory();
    const own = await standIn(directory.path, [
      { name: "", controllers: "hugetlb" },
      { name: "service", controllers: "memory pids", processes: "7\n" },
    ]);
    expect(await findUnified({ own, mountPoint: directory.path })).toEqual({
      version: 2,
      directory: join(directory.path, "service"),
      controllers: ["memory", "pids"],
      occupied: true,
    });
  });

  test("is nowhere without controllers", async () => {
    await using directory = await temporaryDirectory();
    const own = await standIn(directory.path, [
      { name: "", controllers: "" },
      { name: "scope", controllers: "hugetlb", processes: "7\n" },
    ]);
    expect(await findUnified({ own, mountPoint: directory.path })).toBeUndefined();
  });
});

test("what is offered on this machine can be made, and nothing is left of the trial", async () => {
  const found = await inspectControlGroups();
  if (!found.offered) {
    // Then at least it is said what to do.
    expect(found).toEqual({
      offered: false,
      reason: expect.stringMatching(/\.$/),
      advice: expect.stringMatching(/\S/),
    });
    return;
  }
  const { groups } = found;
  const directories = groups.version === 1 ? Object.values(groups.controllers) : [groups.directory];
  expect(directories.length).toBeGreaterThan(0);
  for (const each of directories) {
    await access(join(each, "cgroup.procs"));
    const own = (await readdir(each)).filter((name) =>
      name.startsWith(`sandlot-trial-${process.pid}-`),
    );
    expect(own).toEqual([]);
  }
});

interface StandIn {
  name: string;
  controllers: string;
  processes?: string;
}

/** Directories with the files of control groups, one in the other; the path of the last. */
async function standIn(top: string, groups: StandIn[]): Promise<string> {
  let directory = top;
  for (const { name, controllers, processes = "" } of groups) {
    directory = join(directory, name);
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, "cgroup.controllers"), `${controllers}\n`);
    await writeFile(join(directory, "cgroup.subtree_control"), "\n");
    await writeFile(join(directory, "cgroup.procs"), processes);
    await writeFile(join(directory, "cgroup.type"), "domain\n");
  }
  return directory;
}

import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { expect } from "vitest";
import { fileEntry, type IsolationBench, type MakeIsolation, readText } from "./isolation-bench.ts";
import type { IsolationCases } from "./isolation-suite.ts";
import { HERE } from "./listed-files.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** Excuses from the cases of this file for a backend that has no users: one reason for all. */
export async function whyNoUsers(make: MakeIsolation): Promise<Record<string, string>> {
  await using directory = await temporaryDirectory();
  const { users } = make(directory.path).features;
  if (users.offered) return {};
  return Object.fromEntries(Object.keys(rootFileCases).map((title) => [title, users.reason]));
}

async function asRoot(
  bench: IsolationBench,
  root: Parameters<IsolationBench["sh"]>[0],
  line: string,
) {
  const { exitCode, stdout, stderr } = await bench.sh(root, line, { sudo: true });
  expect(stderr).toBe("");
  expect(exitCode).toBe(0);
  return stdout;
}

/** What the sandbox's root may do with files, and its default user may not. */
export const rootFileCases: IsolationCases = {
  async "keeps the default user from what is another's, and lets root"(bench) {
    const root = await bench.prepare();
    await asRoot(
      bench,
      root,
      `mkdir -m 700 ${HERE}/shut; echo secret > ${HERE}/shut/f; touch ${HERE}/own; chmod 600 ${HERE}/own`,
    );
    const { files } = root;
    const refused = { code: "invalid_request" };
    const words = {
      read: () => files.read(`${HERE}/own`),
      into: () => files.stat(`${HERE}/shut/f`),
      list: () => files.list(`${HERE}/shut`, { depth: 1 }),
      mode: () => files.setPermissions(`${HERE}/own`, { mode: 0o666 }),
      give: () => files.setPermissions(`${HERE}/own`, { owner: "vercel-sandbox" }),
      bear: () => files.setMetadata(`${HERE}/own`, { a: "b" }),
      move: () => files.move(`${HERE}/shut/f`, `${HERE}/f`),
      remove: () => files.remove(`${HERE}/shut/f`, { recursive: true }),
      tree: () => files.remove(`${HERE}/shut`, { recursive: true }),
      below: () => files.makeDirectory(`${HERE}/shut/d`, { recursive: true }),
      watch: () => files.watch(`${HERE}/shut`, { recursive: false }).next(),
    };
    for (const [name, word] of Object.entries(words)) {
      await expect(word(), name).rejects.toMatchObject(refused);
    }
    const sudo = true;
    const { content } = await files.read(`${HERE}/shut/f`, { sudo });
    expect((await buffer(content)).toString()).toBe("secret\n");
    expect(await files.list(`${HERE}/shut`, { depth: 1, sudo })).toHaveLength(1);
    await files.setPermissions(`${HERE}/own`, { owner: "vercel-sandbox", group: 1_000, sudo });
    await files.setMetadata(`${HERE}/shut/f`, { a: "b" }, { sudo });
    await files.remove(`${HERE}/shut`, { recursive: true, sudo });
    expect(await readText(root, `${HERE}/own`)).toBe("");
  },

  async "makes what root asks for root's, wherever it is, unless it is to be the default user's"(
    bench,
  ) {
    const root = await bench.prepare();
    const entries = [
      { ...fileEntry(`${HERE}/new/of-root`, "1", 0o4755) },
      { ...fileEntry(`${HERE}/new/of-user`, "2"), owner: "default" as const },
      { ...fileEntry("/root/large", Buffer.alloc(200_000)) },
      { ...fileEntry("/etc/of-root", "3") },
    ];
    const infos = await root.files.write(Readable.from(entries), { sudo: true, inform: true });
    expect(infos.map(({ owner, group }) => `${owner} ${group}`)).toEqual([
      "root root",
      "vercel-sandbox vercel-sandbox",
      "root root",
      "root root",
    ]);
    await root.files.makeDirectory(`${HERE}/d`, { recursive: false, mode: 0o700, sudo: true });
    const seen = await asRoot(
      bench,
      root,
      `cd ${HERE}; stat -c '%n %U %G %a' new new/of-root new/of-user /root/large d`,
    );
    expect(seen).toBe(
      "new root root 755\nnew/of-root root root 4755\nnew/of-user vercel-sandbox vercel-sandbox 644\n" +
        "/root/large root root 644\nd root root 700\n",
    );
    const refused = root.files.write(
      Readable.from([{ ...fileEntry(`${HERE}/x`, "x"), owner: "root" as const }]),
    );
    await expect(refused).rejects.toMatchObject({ code: "invalid_request" });
    const outside = root.files.write(Readable.from([fileEntry("/etc/x", "x")]));
    await expect(outside).rejects.toMatchObject({ code: "invalid_request" });
  },

  async "keeps a sticky directory's rule"(bench) {
    const root = await bench.prepare();
    await asRoot(bench, root, "touch /tmp/of-root; mkdir /tmp/dir");
    for (const name of ["of-root", "dir"]) {
      const removed = root.files.remove(`/tmp/${name}`, { recursive: true });
      await expect(removed).rejects.toMatchObject({ code: "invalid_request" });
    }
    const moved = root.files.move("/tmp/of-root", "/tmp/mine");
    await expect(moved).rejects.toMatchObject({ code: "invalid_request" });
    await bench.sh(root, "touch /tmp/mine");
    await root.files.remove("/tmp/mine", { recursive: true });
    await root.files.remove("/tmp/of-root", { recursive: true, sudo: true });
  },

  async "changes nothing of the host's as root, whatever is mounted in a name's place"(bench) {
    const root = await bench.prepare();
    const before = await asRoot(
      bench,
      root,
      "stat -c '%a %u %g' /dev/null /proc/sys/kernel/hostname",
    );
    const { files } = root;
    const sudo = true;
    const hostile = [
      () => files.setPermissions("/dev/null", { mode: 0o600, sudo }),
      () => files.setPermissions("/dev/null", { owner: "vercel-sandbox", sudo }),
      () => files.remove("/dev/null", { recursive: true, sudo }),
      () => files.setMetadata("/dev/null", { a: "b" }, { sudo }),
      () => files.write(Readable.from([fileEntry("/dev/null", "x")]), { sudo }),
      () => files.write(Readable.from([fileEntry("/proc/sys/kernel/hostname", "pwned")]), { sudo }),
      () => files.setPermissions("/usr/bin/env", { mode: 0o777, owner: 1_000, sudo }),
    ];
    for (const word of hostile) await expect(word(), String(word)).rejects.toThrow();
    expect(
      await asRoot(bench, root, "stat -c '%a %u %g' /dev/null /proc/sys/kernel/hostname"),
    ).toBe(before);
  },

  async "tells no path of the host's by a link of the kernel's"(bench) {
    const root = await bench.prepare();
    for (const directory of ["/proc/1", "/proc/1/fd", "/proc/1/ns"]) {
      const links = await root.files.list(directory, { depth: 1, sudo: true });
      expect(links.some(({ type }) => type === "symlink")).toBe(true);
      expect(links.filter(({ symlinkTarget }) => symlinkTarget !== undefined)).toEqual([]);
    }
  },

  async "gives a file to no id that is not the sandbox's"(bench) {
    const root = await bench.prepare();
    await bench.sh(root, "touch f");
    for (const owner of [4_000_000_000, 70_000, "nobody-knows"]) {
      const given = root.files.setPermissions(`${HERE}/f`, { owner, sudo: true });
      await expect(given, String(owner)).rejects.toMatchObject({ code: "invalid_request" });
    }
    const info = await root.files.setPermissions(`${HERE}/f`, {
      owner: 33,
      group: "daemon",
      sudo: true,
    });
    expect(info).toMatchObject({ uid: 33, owner: "www-data", group: "daemon" });
    expect((await bench.run(root, ["stat", "-c", "%U:%G", "f"])).stdout).toBe("www-data:daemon\n");
  },
};

import { execFileSync } from "node:child_process";
import { chmod, chown, lstat, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { listLog } from "../../../../testing/list-log.ts";
import { temporaryDirectory } from "../../../../testing/temporary-directory.ts";
import { StateFolders } from "../../state-folders.ts";
import type { IdMap } from "../machine/id-map.ts";
import { settleOwners } from "./settle-owners.ts";

const BASE = 1_800_000_000;
const RANGE: IdMap = { kind: "range", base: BASE, count: 65_536 };
const SINGLE: IdMap = { kind: "single", uid: 61_987, gid: 61_987 };
const isRoot = process.platform === "linux" && process.geteuid?.() === 0;
const because = isRoot ? "" : " (not here: only root can give files away)";

async function stateFolders() {
  const directory = await temporaryDirectory();
  const folders = new StateFolders(directory.path);
  await folders.make({ mode: 0o711 });
  const upper = join(folders.snapshot("snap_1"), "upper");
  await mkdir(join(upper, "usr/local/bin"), { recursive: true });
  await mkdir(join(upper, "root"));
  const write = async (path: string, mode = 0o644) => {
    await mkdir(dirname(join(upper, path)), { recursive: true });
    await writeFile(join(upper, path), "");
    await chmod(join(upper, path), mode);
  };
  return {
    folders,
    upper,
    write,
    ownerOf: async (path: string) => (await lstat(join(upper, path))).uid - BASE,
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

test.runIf(isRoot)(
  `what one id had alone goes to the sandbox's root and its default user, with its modes${because}`,
  async () => {
    await using state = await stateFolders();
    const { folders, upper, write, ownerOf } = state;
    await write("root/etc/setting");
    await write("root/vercel/sandbox/a file\nof two lines");
    await write("root/home/somebody/f");
    await write("usr/local/bin/mighty", 0o4755);
    await symlink("/etc/passwd", join(upper, "root/tmp"));
    await mkdir(folders.drive("drive_1"));
    const log = listLog();
    await settleOwners(folders, { ids: RANGE, log });
    expect(log.lines).toHaveLength(1);
    const owners = {
      root: 0,
      "root/etc/setting": 0,
      "root/vercel": 1_000,
      "root/vercel/sandbox/a file\nof two lines": 1_000,
      "root/home": 0,
      "root/home/somebody/f": 1_000,
      "root/tmp": 1_000,
      usr: 0,
      "usr/local/bin/mighty": 0,
    };
    for (const [path, owner] of Object.entries(owners)) {
      expect({ path, owner: await ownerOf(path) }).toEqual({ path, owner });
    }
    expect((await lstat(join(upper, "usr/local/bin/mighty"))).mode & 0o7777).toBe(0o4755);
    expect((await lstat("/etc/passwd")).uid).toBe(0);
    expect((await lstat(folders.drive("drive_1"))).uid).toBe(BASE + 1_000);
    // Done once: what the sandboxes make of it later is theirs.
    await chown(join(upper, "root/etc/setting"), BASE + 7, BASE + 7);
    await settleOwners(folders, { ids: RANGE, log });
    expect(log.lines).toHaveLength(1);
    expect(await ownerOf("root/etc/setting")).toBe(7);
  },
);

/** More names than a program takes as arguments, some that are no text, and a program deeper than a path can tell. */
const HOSTILE = `for (1 .. 8_000) { open(my $file, ">", $_ . "n" x 240) or die $! }
  open(my $file, ">", "\\xff-rf") or die $!; mkdir "\\xfe"; open($file, ">", "\\xfe/\\xfd") or die $!; chmod 04755, "\\xfe/\\xfd";
  mkdir "deep"; chdir "deep"; for (1 .. 30) { mkdir "d" x 200 or die $!; chdir "d" x 200 or die $! }
  open($file, ">", "program") or die $!; chmod 04755, "program";`;

test.runIf(isRoot)(`whatever a sandbox has called its files goes, too${because}`, async () => {
  await using state = await stateFolders();
  const { folders, upper } = state;
  const root = join(upper, "root");
  execFileSync("/usr/bin/perl", ["-e", HOSTILE], { cwd: root });
  await settleOwners(folders, { ids: RANGE, log: undefined });
  const find = (...words: string[]) =>
    execFileSync("find", [root, "-mindepth", "1", ...words], { encoding: "latin1" });
  expect(find("!", "-uid", `${BASE + 1_000}`, "-print", "-quit")).toBe("");
  // A name is shown by a character for each byte.
  expect(find("-perm", "4755", "-printf", "%P")).toBe("\u00fe/\u00fd");
});

test.runIf(isRoot)(
  `ids of a range are refused by an engine that has one id${because}`,
  async () => {
    await using state = await stateFolders();
    const { folders, upper } = state;
    await chown(join(upper, "root"), BASE, BASE);
    const settling = settleOwners(folders, { ids: SINGLE, log: undefined });
    await expect(settling).rejects.toMatchObject({
      code: "engine_unavailable",
      message: expect.stringContaining(folders.directory),
    });
    await chown(join(upper, "root"), SINGLE.uid, SINGLE.gid);
    await settleOwners(folders, { ids: SINGLE, log: undefined });
  },
);

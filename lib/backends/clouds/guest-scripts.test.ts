import { execFile } from "node:child_process";
import { chmod, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { shellWord } from "../../std/shell-word.ts";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { GUEST, type StartScript } from "./guest-scripts.ts";

const run = promisify(execFile);
let home: Awaited<ReturnType<typeof temporaryDirectory>>;
let count = 0;

beforeAll(async () => {
  home = await temporaryDirectory();
});

afterAll(async () => {
  await home[Symbol.asyncDispose]();
});

/** As a cloud runs a line: by a plain shell, in an environment of its own. */
async function guest(
  line: string,
  path = process.env["PATH"] ?? "",
): Promise<{ stdout: string; stderr: string }> {
  const env = { HOME: home.path, PATH: path };
  return run("sh", ["-c", line], { env, maxBuffer: 2 ** 24 });
}

async function start(
  argv: string[],
  given: Partial<StartScript> = {},
  path?: string,
): Promise<string> {
  const id = `cmd_${count++}`;
  const record = Buffer.from("{}").toString("base64");
  const script = { id, cwd: home.path, sudo: false, timeoutMs: undefined, record, env: {}, argv };
  const { stdout } = await guest(GUEST.start({ ...script, ...given }), path);
  return stdout.startsWith("started ") ? id : stdout.trim();
}

const codeOf = async (id: string) => Number((await guest(GUEST.wait(id))).stdout.split(" ")[0]);

test("gives a command its arguments and variables as they are, whatever they hold", async () => {
  const text = fc.string({ unit: "binary", maxLength: 20 });
  // What holds a NUL, or has no bytes in UTF-8, cannot be passed to a process.
  const texts = fc.sample(text, 200).map((each) => each.replaceAll("\0", "").toWellFormed());
  const [value, ...args] = ["a'b\"c $HOME `id` \\ \n end", ...texts];
  const show = 'printf "%s\\0" "$VALUE" "$@"';
  const id = await start(["bash", "-c", show, "bash", ...args], { env: { VALUE: value } });
  const { stdout } = await guest(GUEST.follow(id));
  expect(stdout.split("\0").slice(0, -1)).toEqual([value, ...args]);
});

test("follows both streams to the end, and again, and tells how it ended", async () => {
  const id = await start(["bash", "-c", "echo one; echo two >&2; sleep 0.1; echo three; exit 7"]);
  for (let time = 0; time < 2; time++) {
    const { stdout, stderr } = await guest(GUEST.follow(id));
    expect({ stdout, stderr }).toEqual({ stdout: "one\nthree\n", stderr: "two\n" });
  }
  expect(await codeOf(id)).toBe(7);
});

test("says that a directory or a program is not there, before anything ran", async () => {
  expect(await start(["true"], { cwd: "/not/there" })).toBe("directory");
  expect(await start(["no-such-program"])).toBe("executable");
  expect(await start(["./no-such-file"])).toBe("executable");
  // Looked for where the command's own variables say.
  expect(await start(["ls"], { env: { PATH: "/nowhere" } })).toBe("executable");
});

test.each([
  [1, 129],
  [2, 130],
  [9, 137],
  [10, 138],
  [15, 143],
])("ends a command by signal %i", async (signal, exitCode) => {
  const id = await start(["sleep", "600"]);
  await guest(GUEST.kill(id, signal));
  expect(await codeOf(id)).toBe(exitCode);
});

test("reaches what left for a session of its own, and nothing of another command", async () => {
  const seconds = `${600 + Math.random()}`;
  const script = `(setsid sleep ${seconds} &); setsid sleep ${seconds} & echo ready; wait`;
  const other = await start(["sleep", "600"]);
  const id = await start(["bash", "-c", script]);
  await guest(
    `until grep -q ready ${home.path}/.sandlot/commands/${id}/stdout; do sleep 0.02; done`,
  );
  await guest(GUEST.kill(id, 9));
  expect(await codeOf(id)).toBe(137);
  const left = await guest(`pgrep -fx ${shellWord(`sleep ${seconds}`)} || true`);
  expect(left.stdout).toBe("");
  expect((await guest(GUEST.show(other))).stdout).toMatch(/\|alive\nend\n$/);
  await guest(GUEST.kill(other, 9));
});

const isRoot = process.getuid?.() === 0;

test.skipIf(!isRoot)("says so when a command's processes may not be signalled", async () => {
  await chmod(home.path, 0o755);
  const id = await start(["sleep", "600"]);
  const { stdout } = await guest(`cat ${home.path}/.sandlot/commands/${id}/pids`);
  const [child] = stdout.split(" ");
  const asNobody = "setpriv --reuid=65534 --regid=65534 --clear-groups sh -c";
  await expect(guest(`${asNobody} ${shellWord(GUEST.kill(id, 9))}`)).rejects.toMatchObject({
    code: 1,
    stdout: `${child}\n`,
  });
  expect((await guest(GUEST.show(id))).stdout).toMatch(/\|alive\nend\n$/);
  await guest(GUEST.kill(id, 9));
  expect(await codeOf(id)).toBe(137);
});

test.skipIf(!isRoot)("needs no sudo where the image's user is root", async () => {
  const bin = join(home.path, "bin");
  await guest(`mkdir ${bin}; printf '#!/bin/sh\\nexit 1' > ${bin}/sudo; chmod +x ${bin}/sudo`);
  const path = `${bin}:${process.env["PATH"] ?? ""}`;
  const place = join(home.path, "vercel", "sandbox");
  await guest(GUEST.prepare(place), path);
  expect((await guest(`ls -d ${place}`)).stdout).toBe(`${place}\n`);
  const id = await start(["id", "-u"], { sudo: true }, path);
  expect((await guest(GUEST.follow(id))).stdout).toBe("0\n");
});

test("says why a command could not be begun", async () => {
  await using other = await temporaryDirectory();
  await writeFile(join(other.path, ".sandlot"), "in the way");
  const script = { id: "cmd_x", cwd: "/", sudo: false, timeoutMs: undefined, record: "e30=" };
  const line = GUEST.start({ ...script, env: {}, argv: ["true"] });
  await expect(guest(`HOME=${other.path}; ${line}`)).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining("Not a directory"),
  });
});

test("makes directories, and says what stands in the way of files", async () => {
  const directory = join(home.path, "a", "b");
  expect((await guest(GUEST.makeDirectory(directory, true))).stdout).toBe("");
  expect((await guest(GUEST.makeDirectory(directory, true))).stdout).toBe("there\n");
  await expect(guest(GUEST.makeDirectory(directory, false))).rejects.toMatchObject({
    stdout: expect.stringContaining("File exists"),
  });
  const archive = join(home.path, "archive.tar");
  const file = join(home.path, "file");
  await guest(`cd ${home.path} && echo hi > file && tar -cf archive.tar file`);
  await expect(guest(GUEST.unpack(archive, join(file, "below")))).rejects.toMatchObject({
    stdout: expect.stringContaining("Not a directory"),
  });
  // It goes in any case.
  await expect(readFile(archive)).rejects.toMatchObject({ code: "ENOENT" });
});

test("ends a command at its time limit, and shows which there were", async () => {
  const id = await start(["sleep", "600"], { timeoutMs: 100 });
  expect(await codeOf(id)).toBe(137);
  const lines = (await guest(GUEST.show())).stdout.trim().split("\n");
  // Four were refused, and the last line says that these are all.
  expect(lines).toHaveLength(count - 4 + 1);
  expect((await guest(GUEST.show("cmd_unknown"))).stdout).toBe("end\n");
  expect((await guest(GUEST.show(id))).stdout).toMatch(/^e30=\|\d+\|137 \d+\|gone\nend\n$/);
});

test("knows a command for lost whose keeper died without a word", async () => {
  const id = await start(["sleep", "600"]);
  const { stdout } = await guest(`cat ${home.path}/.sandlot/commands/${id}/pids`);
  const [child, keeper] = stdout.trim().split(" ").map(Number);
  process.kill(keeper!, "SIGKILL");
  process.kill(child!, "SIGKILL");
  expect((await guest(GUEST.wait(id))).stdout).toBe("lost\n");
});

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { temporaryDirectory } from "../../testing/temporary-directory.ts";
import { GUEST, type StartScript } from "./guest-scripts.ts";
import { quoted } from "./shell-quote.ts";

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
async function guest(line: string): Promise<{ stdout: string; stderr: string }> {
  const env = { HOME: home.path, PATH: process.env["PATH"] ?? "" };
  return run("sh", ["-c", line], { env, maxBuffer: 2 ** 24 });
}

async function start(argv: string[], given: Partial<StartScript> = {}): Promise<string> {
  const id = `cmd_${count++}`;
  const record = Buffer.from("{}").toString("base64");
  const script = { id, cwd: home.path, sudo: false, timeoutMs: undefined, record, env: {}, argv };
  const { stdout } = await guest(GUEST.start({ ...script, ...given }));
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
  const left = await guest(`pgrep -fx ${quoted(`sleep ${seconds}`)} || true`);
  expect(left.stdout).toBe("");
  expect((await guest(GUEST.show(other))).stdout).toMatch(/\|alive\nend\n$/);
  await guest(GUEST.kill(other, 9));
});

test("ends a command at its time limit, and shows which there were", async () => {
  const id = await start(["sleep", "600"], { timeoutMs: 100 });
  expect(await codeOf(id)).toBe(137);
  const lines = (await guest(GUEST.show("all"))).stdout.trim().split("\n");
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

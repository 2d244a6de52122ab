import { spawn } from "@lydell/node-pty";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { runProgram } from "../testing/run-program.ts";
import { temporaryHome } from "../testing/temporary-home.ts";

const require = createRequire(import.meta.url);
const cli = join(dirname(require.resolve("sandbox/package.json")), "bin", "sandbox.mjs");
const preload = ["--import", new URL("./index.ts", import.meta.url).href];

/** The vendor's CLI, unmodified, for somebody who has no account. */
async function vendorCli() {
  const home = await temporaryHome();
  const folder = join(home.home, "caller");
  await mkdir(folder);
  const env = { ...home.env, HOME: folder, NO_COLOR: "1" };
  return {
    folder,
    run: (...args: string[]) => runProgram([...preload, cli, ...args], { cwd: folder, env }),
    /** On a terminal: types what is given once the prompt is there, and gives all that was shown. */
    async shell(args: string[], typed: string): Promise<{ exitCode: number; shown: string }> {
      const terminal = spawn(process.execPath, [...preload, cli, ...args], {
        cwd: folder,
        cols: 100,
        rows: 30,
        env: { PATH: process.env["PATH"] ?? "", ...env },
      });
      let shown = "";
      let isTyped = false;
      terminal.onData((data) => {
        shown += data;
        if (isTyped || !shown.includes("▲")) return;
        isTyped = true;
        terminal.write(typed);
      });
      const { promise, resolve } = Promise.withResolvers<number>();
      terminal.onExit(({ exitCode }) => resolve(exitCode));
      const exitCode = await promise;
      return { exitCode, shown };
    },
    [Symbol.asyncDispose]: () => home[Symbol.asyncDispose](),
  };
}

test("does its work through Sandlot: create, list, run, copy, configure, snapshot, stop, remove", async () => {
  await using vendor = await vendorCli();
  const created = await vendor.run("create", "--name", "box", "--publish-port", "3000");
  expect(created.stdout + created.stderr).toMatch(/^box[^]*http:\/\/localhost:\d+/);
  expect((await vendor.run("ls")).stdout).toMatch(/box\s+running/);

  expect(
    await vendor.run("exec", "box", "sh", "-c", "echo out; echo err >&2; exit 7"),
  ).toMatchObject({
    exitCode: 7,
    stdout: "out\n",
    stderr: expect.stringContaining("err\n"),
  });
  expect((await vendor.run("exec", "--timeout", "1s", "box", "sleep", "60")).exitCode).toBe(137);

  await writeFile(join(vendor.folder, "up.txt"), "there and back");
  expect(await vendor.run("cp", "up.txt", "box:/vercel/sandbox/there.txt")).toMatchObject({
    exitCode: 0,
  });
  expect(await vendor.run("cp", "box:/vercel/sandbox/there.txt", "down.txt")).toMatchObject({
    exitCode: 0,
  });
  expect(await readFile(join(vendor.folder, "down.txt"), "utf8")).toBe("there and back");

  const ran = await vendor.run("run", "--rm", "--", "sh", "-c", "echo once; exit 3");
  expect(ran).toMatchObject({ exitCode: 3, stdout: expect.stringContaining("once\n") });

  expect((await vendor.run("config", "list", "box")).stdout).toMatch(/vCPUs\s+2/i);

  const snapshot = await vendor.run("snapshot", "box", "--stop");
  const id = /snap_\w+/.exec(snapshot.stdout + snapshot.stderr)?.[0] ?? "none";
  expect((await vendor.run("snapshots", "list")).stdout).toContain(id);
  expect((await vendor.run("snapshots", "tree", "box")).stdout).toContain(id);

  expect(await vendor.run("stop", "box")).toMatchObject({ exitCode: 0 });
  expect(await vendor.run("rm", "box")).toMatchObject({ exitCode: 0 });
  expect(await vendor.run("exec", "box", "true")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining("box"),
  });
}, 60_000);

test("opens a shell that is a terminal, and passes its exit code on", async () => {
  await using vendor = await vendorCli();
  await vendor.run("create", "--name", "box");
  const connected = await vendor.shell(["connect", "box"], "test -t 0 && stty size; exit 5\r");
  expect(connected.shown).toContain("30 100");
  expect(connected.exitCode).toBe(5);
  const executed = await vendor.shell(["exec", "-i", "box", "sh"], "echo $((6 * 7)) && exit 3\r");
  expect(executed.shown).toMatch(/\n42\r/);
  expect(executed.exitCode).toBe(3);
}, 60_000);

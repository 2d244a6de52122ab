import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { spawn as spawnTerminal } from "@lydell/node-pty";
import { Sandbox } from "sandlot";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { connect, type Connection, deleting } from "../harness.ts";
import { proves } from "../proves.ts";

let connection: Connection & AsyncDisposable;
let directory: string;

beforeAll(async () => {
  connection = await connect("daemon");
  directory = await mkdtemp(join(tmpdir(), "sandlot-cli-"));
});

afterAll(async () => {
  await connection[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});

const program = join(
  createRequire(import.meta.url).resolve("sandbox/package.json"),
  "../bin/sandbox.mjs",
);
const register = import.meta.resolve("sandlot/register");

function environment(): Record<string, string> {
  const { PATH = "", SANDLOT_HOME = "", SANDLOT_ENGINE = "", SANDLOT_ISOLATION = "" } = process.env;
  return {
    PATH,
    // A home of its own: the CLI keeps its settings there.
    HOME: directory,
    SANDLOT_HOME,
    SANDLOT_ENGINE,
    SANDLOT_ISOLATION,
    NODE_OPTIONS: `--import=${register}`,
    NO_COLOR: "1",
  };
}

interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** The vendor's CLI, unmodified, as a shell would run it. */
async function cli(...args: string[]): Promise<Outcome> {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: directory,
    env: environment(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit") as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}

/** The same on a terminal, where somebody types an answer whenever a text has appeared. */
async function cliOnTerminal(
  args: string[],
  script: [see: string, type: string][],
): Promise<Outcome> {
  const terminal = spawnTerminal(process.execPath, [program, ...args], {
    cwd: directory,
    env: environment(),
    cols: 120,
    rows: 40,
  });
  let screen = "";
  const steps = [...script];
  terminal.onData((data) => {
    screen += data;
    const [next] = steps;
    if (!next || !screen.includes(next[0])) return;
    steps.shift();
    terminal.write(next[1]);
  });
  const { promise, resolve } = Promise.withResolvers<number>();
  terminal.onExit(({ exitCode }) => resolve(exitCode));
  const code = await promise;
  if (steps.length > 0) throw new Error(`never seen: ${steps[0]?.[0]}\n${screen}`);
  return { code, stdout: screen, stderr: "" };
}

async function succeed(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await cli(...args);
  expect(code, `sandbox ${args.join(" ")}\n${stdout}\n${stderr}`).toBe(0);
  return `${stdout}\n${stderr}`;
}

describe("the vendor's CLI", () => {
  proves("CLI-001", "CLI-002")("creates and lists", async () => {
    const told = await succeed("create", "--name", "by-cli", "-p", "3000", "--tag", "by=cli");
    await using sandbox = deleting(await Sandbox.get({ name: "by-cli" }));
    expect(told).toContain("by-cli");
    expect(told).toContain(sandbox.domain(3_000));
    expect(sandbox.tags).toEqual({ by: "cli" });
    expect(await succeed("ls")).toContain("by-cli");
    await sandbox.stop();
    expect(await succeed("ls")).not.toContain("by-cli");
    expect(await succeed("ls", "--all")).toContain("by-cli");
  });

  proves("CLI-003", "CLI-012")("runs commands and exits as they did", async () => {
    await using sandbox = await connection.create();
    const { name } = sandbox;
    const good = await cli("exec", name, "--", "sh", "-c", "echo out; echo err >&2; exit 7");
    expect(good).toMatchObject({ code: 7, stdout: "out\n" });
    expect(good.stderr).toContain("err\n");
    const withOptions = await cli(
      "exec",
      "-w",
      "/tmp",
      "-e",
      "A=b c",
      name,
      "--",
      "sh",
      "-c",
      "pwd; echo $A",
    );
    expect(withOptions.stdout).toMatch(/\/tmp\nb c\n$/);
    const late = await cli("exec", "--timeout", "1s", name, "--", "sleep", "600");
    expect(late.code).toBe(137);
  });

  proves("CLI-004")("runs a command on a terminal", async () => {
    await using sandbox = await connection.create();
    const outcome = await cliOnTerminal(
      [
        "exec",
        "-i",
        sandbox.name,
        "--",
        "sh",
        "-c",
        "test -t 0 && read -p 'name? ' n && echo hello $n; exit 5",
      ],
      [["name? ", "there\r"]],
    );
    expect(outcome.stdout).toContain("hello there");
    expect(outcome.code).toBe(5);
  });

  proves("CLI-005")("copies in and out", async () => {
    await using sandbox = await connection.create();
    const bytes = Buffer.from([0, 1, 2, 253, 254, 255]);
    await writeFile(join(directory, "local.bin"), bytes);
    await succeed("cp", "local.bin", `${sandbox.name}:/tmp/there.bin`);
    expect(await sandbox.readFileToBuffer({ path: "/tmp/there.bin" })).toEqual(bytes);
    await succeed("cp", `${sandbox.name}:/tmp/there.bin`, "back.bin");
    expect(await readFile(join(directory, "back.bin"))).toEqual(bytes);
  });

  proves("CLI-006")("runs one command in a sandbox of its own", async () => {
    const before = (await (await Sandbox.list()).toArray()).map(({ name }) => name);
    const outcome = await cli("run", "--rm", "--", "sh", "-c", "echo once; exit 3");
    expect(outcome.code).toBe(3);
    expect(outcome.stdout).toContain("once\n");
    const after = (await (await Sandbox.list()).toArray()).map(({ name }) => name);
    expect(after).toEqual(before);
  });

  proves("CLI-007")("connects a shell", async () => {
    await using sandbox = await connection.create();
    await sandbox.writeFiles([{ path: "here.txt", content: "found by the shell" }]);
    const outcome = await cliOnTerminal(
      ["connect", sandbox.name],
      [
        ["▲ ", "cat here.txt\r"],
        ["found by the shell", "exit 4\r"],
      ],
    );
    expect(outcome.code).toBe(4);
  });

  proves("CLI-008")("makes snapshots and shows their tree", async () => {
    await using sandbox = await connection.create();
    const told = await succeed("snapshot", "--stop", sandbox.name);
    const [first] = (await sandbox.listSnapshots()).snapshots;
    expect(told).toContain(first?.id);
    await sandbox.runCommand("true");
    await succeed("snapshot", "--stop", sandbox.name);
    const tree = await succeed("snapshots", "tree", sandbox.name);
    for (const { id } of (await sandbox.listSnapshots()).snapshots) expect(tree).toContain(id);
    expect(await succeed("snapshots", "list")).toContain(first?.id);
    expect(await succeed("snapshots", "get", first?.id ?? "")).toContain(first?.id);
  });

  proves("CLI-009")("shows and changes settings", async () => {
    await using sandbox = await connection.create();
    expect(await succeed("config", "list", sandbox.name)).toMatch(/allow-all|unrestricted|2/i);
    await succeed("config", "vcpus", sandbox.name, "4");
    await succeed("config", "timeout", sandbox.name, "10m");
    const found = await Sandbox.get({ name: sandbox.name });
    expect({ vcpus: found.vcpus, timeout: found.timeout }).toEqual({ vcpus: 4, timeout: 600_000 });
  });

  proves("CLI-010", "CLI-011")("stops and removes, and knows when nobody is there", async () => {
    await using sandbox = await connection.create();
    await succeed("stop", sandbox.name);
    expect((await Sandbox.get({ name: sandbox.name })).status).toBe("stopped");
    await succeed("rm", sandbox.name);
    const outcome = await cli("exec", sandbox.name, "true");
    expect(outcome.code).not.toBe(0);
    expect(outcome.stderr).toContain("sandbox ls --all");
  });
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "./commands.ts";

// The built command, as `npx sandlot` runs it.
const MAIN = join(import.meta.dirname, "../dist/cli/main.js");

interface Ended {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

let home: string;

beforeAll(async () => {
  if (!existsSync(MAIN)) throw new Error("The package is not built: npm run build");
  home = await mkdtemp(join(tmpdir(), "sandlot-cli-"));
});

afterAll(async () => {
  await sandlot("daemon", "stop", "--sandboxes");
  await rm(home, { recursive: true, force: true });
});

function start(args: string[], environment: Record<string, string> = {}) {
  return spawn(process.execPath, args, {
    cwd: join(import.meta.dirname, ".."),
    env: {
      PATH: process.env["PATH"] ?? "",
      HOME: home,
      SANDLOT_HOME: join(home, "state"),
      SANDLOT_ENGINE: "daemon",
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

async function end(child: ReturnType<typeof start>): Promise<Ended> {
  const ended = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (data: string) => (ended[name] += data));
  }
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, ...ended };
}

const sandlot = (...args: string[]) => end(start([MAIN, ...args]));

/** Runs a program that uses the library, and gives what it printed as JSON. */
async function program(source: string): Promise<Record<string, string>> {
  const code = `import { Sandbox } from "sandlot";\n${source}`;
  const ended = await end(start(["--input-type=module", "--eval", code]));
  if (ended.exitCode !== 0) throw new Error(ended.stderr);
  return JSON.parse(ended.stdout) as Record<string, string>;
}

describe("help and mistakes", () => {
  test("prints every command in the help, and exits with 0", async () => {
    const { exitCode, stdout, stderr } = await sandlot("--help");
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    for (const { name, summary } of COMMANDS)
      expect(stdout).toMatch(
        new RegExp(`  ${name} +${summary.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}`),
      );
  });

  test.each(COMMANDS.map(({ name }) => name))("explains `%s --help`", async (name) => {
    const { exitCode, stdout } = await sandlot(...name.split(" "), "--help");
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: sandlot ${name}`));
    expect(stdout).toContain("-h, --help");
  });

  test("prints its version", async () => {
    const { stdout } = await sandlot("--version");
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\S*\n$/);
  });

  test.each([
    [["stauts"], 'There is no command "stauts". Did you mean status?'],
    [["daemon"], "daemon what? There is:\n  sandlot daemon start"],
    [["logs"], "sandbox is missing"],
    [["stop"], "No sandbox is named."],
    [["stop", "a", "--all"], "not both"],
    [["env", "--shell", "tcsh"], '"tcsh" is no shell'],
    [["daemon", "logs", "-n", "x"], '--lines is "x"'],
  ])("answers %j with exit code 2 and words that help", async (args, words) => {
    const { exitCode, stdout, stderr } = await sandlot(...args);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
    expect(stderr).toContain(words);
  });

  test("says which setting is wrong", async () => {
    const ended = await end(start([MAIN, "ls"], { SANDLOT_ENGINE: "nonsense" }));
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain('SANDLOT_ENGINE is "nonsense"');
  });

  test("exits with 4 when the engine cannot be reached", async () => {
    const ended = await end(start([MAIN, "ls"], { SANDLOT_ENGINE: "http://127.0.0.1:1" }));
    expect(ended).toMatchObject({ exitCode: 4, stdout: "" });
    expect(ended.stderr).toContain("the engine at http://127.0.0.1:1 cannot be used");
  });
});

describe("without a daemon", () => {
  test("status and daemon status start none", async () => {
    const status = await sandlot("status", "--json");
    expect(status.exitCode).toBe(0);
    expect(JSON.parse(status.stdout)).toEqual({ engine: "daemon", home: join(home, "state") });
    expect(await sandlot("daemon", "status")).toEqual({
      exitCode: 3,
      stdout: "No daemon runs.\n",
      stderr: "",
    });
  });

  test("doctor says plainly where there is no isolation, and passes", async () => {
    const environment = { SANDLOT_ISOLATION: "process" };
    const { exitCode, stdout } = await end(start([MAIN, "doctor"], environment));
    expect(exitCode).toBe(0);
    expect(stdout).toContain("This is NO isolation");
    expect(stdout).toContain("NOT enforced");
    expect(stdout).toMatch(/used +nothing of what is below: SANDLOT_ISOLATION is process/);
    expect(stdout).not.toContain("\u001b");
    expect((await sandlot("daemon", "status")).exitCode).toBe(3);
  });

  test("doctor says of each thing that a sandbox needs whether this machine gives it", async () => {
    const { stdout } = await sandlot("doctor", "--json");
    const checks = JSON.parse(stdout) as { name: string; level: string; advice?: string }[];
    expect(checks.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["used", "util-linux", "namespaces", "id range", "cgroups"]),
    );
    for (const { name, level, advice } of checks) {
      if (level === "warn" || level === "fail") expect(advice, name).toMatch(/\S/);
    }
  });

  test("doctor fails when the state folder cannot be written", async () => {
    // A file where a folder should be: nobody, not even root, can make one inside.
    const ended = await end(start([MAIN, "doctor", "--json"], { SANDLOT_HOME: `${MAIN}/state` }));
    expect(ended.exitCode).toBe(5);
    expect(JSON.parse(ended.stdout)).toContainEqual(
      expect.objectContaining({ name: "state folder", level: "fail" }),
    );
  });

  test("daemon stop is content when there is none", async () => {
    expect(await sandlot("daemon", "stop", "--json")).toMatchObject({
      exitCode: 0,
      stdout: '{\n  "stopped": false\n}\n',
    });
  });
});

describe("env", () => {
  test("makes an unmodified program of the shell use Sandlot, once, and undoes it", async () => {
    const first = await end(
      start([MAIN, "env", "--shell", "bash"], { NODE_OPTIONS: "--no-warnings" }),
    );
    expect(first.stdout).toMatch(
      /^export NODE_OPTIONS='--no-warnings --import=file:\/\/.*\/register\/index\.js'\n$/,
    );
    expect(first.stderr).toBe("");
    const value = /'(.*)'/.exec(first.stdout)![1]!;
    const undone = await end(
      start([MAIN, "env", "--unset", "--shell", "bash"], { NODE_OPTIONS: value }),
    );
    expect(undone.stdout).toBe("export NODE_OPTIONS='--no-warnings'\n");
  });
});

describe("with sandboxes", () => {
  let names: Record<string, string>;

  beforeAll(async () => {
    names = await program(`
      const kept = await Sandbox.create({ ports: [3000], tags: { kind: "kept" } });
      const ran = await kept.runCommand("sh", ["-c", "echo out; echo err >&2; exit 3"]);
      const running = await kept.runCommand({
        cmd: "sh",
        args: ["-c", "echo first; while ! test -e go-on; do sleep 0.05; done; echo last"],
        detached: true,
      });
      const passing = await Sandbox.create({ persistent: false });
      await passing.stop();
      console.log(JSON.stringify({
        kept: kept.name, passing: passing.name, ran: ran.cmdId, running: running.cmdId,
        url: kept.domain(3000),
      }));
    `);
  });

  test("ls shows those that run, with their ports; --all also the others", async () => {
    const running = JSON.parse((await sandlot("ls", "--json")).stdout) as unknown;
    expect(running).toEqual([
      expect.objectContaining({
        name: names["kept"],
        status: "running",
        tags: { kind: "kept" },
        ports: [{ port: 3000, url: names["url"] }],
      }),
    ]);
    const all = await sandlot("ls", "--all");
    expect(all.stdout).toMatch(/^NAME +STATUS +CREATED +ENDS IN +PORTS\n/);
    expect(all.stdout).toMatch(new RegExp(`${names["passing"]} +stopped `));
    expect((await sandlot("ls")).stderr).toBe("1 stopped: sandlot ls --all\n");
  });

  test("logs lists commands, shows one's streams apart, and knows the newest as `last`", async () => {
    const { kept, ran, running } = names as { kept: string; ran: string; running: string };
    const list = JSON.parse((await sandlot("logs", kept, "--json")).stdout) as { id: string }[];
    expect(list.map(({ id }) => id)).toEqual([running, ran]);
    expect(await sandlot("logs", kept, ran)).toEqual({
      exitCode: 0,
      stdout: "out\n",
      stderr: "err\n",
    });
    const last = await sandlot("logs", kept, "last");
    expect(last).toMatchObject({ exitCode: 0, stdout: "first\n" });
    expect(last.stderr).toContain("still runs; -f follows it");
  });

  test("logs -f goes on until the command ends", async () => {
    const child = start([MAIN, "logs", names["kept"]!, "last", "-f"]);
    const ended = end(child);
    const [first] = (await once(child.stdout, "data")) as [string];
    expect(first).toBe("first\n");
    await program(`
      const sandbox = await Sandbox.get({ name: ${JSON.stringify(names["kept"])} });
      await sandbox.writeFiles([{ path: "go-on", content: "" }]);
      console.log("{}");
    `);
    expect(await ended).toEqual({ exitCode: 0, stdout: "first\nlast\n", stderr: "" });
  });

  test("logs ends with 130 on Ctrl-C and leaves the command alone", async () => {
    const { sleeping } = await program(`
      const sandbox = await Sandbox.get({ name: ${JSON.stringify(names["kept"])} });
      const command = await sandbox.runCommand({ cmd: "sh", args: ["-c", "echo on; sleep 600"], detached: true });
      console.log(JSON.stringify({ sleeping: command.cmdId }));
    `);
    const child = start([MAIN, "logs", names["kept"]!, sleeping!, "-f"]);
    const ended = end(child);
    await once(child.stdout, "data");
    child.kill("SIGINT");
    expect(await ended).toMatchObject({ exitCode: 130, stdout: "on\n" });
    const list = JSON.parse((await sandlot("logs", names["kept"]!, "--json")).stdout) as unknown[];
    expect(list[0]).toMatchObject({ id: sleeping, exitCode: null });
  });

  test("names what is not there, with exit code 3", async () => {
    for (const args of [
      ["logs", "nobody"],
      ["logs", names["kept"]!, "cmd_nothing"],
      ["open", "nobody"],
      ["open", names["kept"]!, "4000"],
      ["stop", "nobody"],
      ["rm", "nobody"],
    ]) {
      const { exitCode, stderr } = await sandlot(...args);
      expect({ args, exitCode }).toEqual({ args, exitCode: 3 });
      expect(stderr).not.toMatch(/Status code|undefined/);
    }
  });

  test("open prints the URL, and takes the only port there is", async () => {
    expect((await sandlot("open", names["kept"]!)).stdout).toBe(`${names["url"]}\n`);
    expect(JSON.parse((await sandlot("open", names["kept"]!, "3000", "--json")).stdout)).toEqual({
      sandbox: names["kept"],
      port: 3000,
      url: names["url"],
    });
  });

  test("status counts what there is", async () => {
    const found = JSON.parse((await sandlot("status", "--json")).stdout) as Record<string, unknown>;
    expect(found).toMatchObject({
      engine: "daemon",
      daemon: { isolation: expect.stringMatching(/^(process|namespaces)$/), busy: true },
      sandboxes: { running: 1, stopped: 1 },
    });
    expect((await sandlot("daemon", "status")).exitCode).toBe(0);
  });

  test("prune shows first, deletes then, and never touches what is kept", async () => {
    const { kept, passing } = names as { kept: string; passing: string };
    const dry = await sandlot("prune", "--dry-run", "--json");
    expect(JSON.parse(dry.stdout)).toEqual([
      expect.objectContaining({ kind: "sandbox", name: passing, deleted: false }),
    ]);
    expect((await sandlot("prune")).stdout).toMatch(new RegExp(`sandbox +${passing} .* deleted`));
    expect((await sandlot("prune")).stderr).toBe("There is nothing to prune.\n");
    const left = JSON.parse((await sandlot("ls", "--all", "--json")).stdout) as { name: string }[];
    expect(left.map(({ name }) => name)).toEqual([kept]);
  });

  test("stop keeps the files as a snapshot, twice is once, and rm deletes", async () => {
    const kept = names["kept"]!;
    expect((await sandlot("stop", kept)).stdout).toMatch(new RegExp(`^${kept} stopped \\(snap_`));
    expect((await sandlot("stop", kept)).exitCode).toBe(0);
    expect((await sandlot("logs", kept, names["ran"]!)).stdout).toBe("out\n");
    expect(await sandlot("rm", kept, "--snapshots")).toEqual({
      exitCode: 0,
      stdout: `${kept} deleted\n`,
      stderr: "",
    });
    expect(await sandlot("ls", "--all")).toMatchObject({
      exitCode: 0,
      stdout: "",
      stderr: "There is no sandbox yet.\n",
    });
  });

  test("daemon logs shows the daemon's own words, daemon stop ends it", async () => {
    expect((await sandlot("daemon", "logs", "-n", "1")).stdout.split("\n")).toHaveLength(2);
    expect((await sandlot("daemon", "stop")).stdout).toBe("Stopped.\n");
    expect((await sandlot("daemon", "status")).exitCode).toBe(3);
    expect((await sandlot("daemon", "start")).stdout).toBe("Started.\n");
    expect((await sandlot("daemon", "start")).stdout).toMatch(
      /^It runs already \(process \d+\)\.\n$/,
    );
  });
});

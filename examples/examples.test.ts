import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const EXAMPLES = import.meta.dirname;
const ROOT = join(EXAMPLES, "..");
const SANDLOT = join(ROOT, "lib/dist/cli/main.js");

interface Run {
  environment: Record<string, string>;
  /** The exit code that is wanted; another one fails the test with all that was printed. */
  exitCode: number;
  onOutput?: (data: string, child: ChildProcess) => void;
}

/** Runs a program of this repository to its end and gives what it printed; it knows of Sandlot only what is given. */
async function runNode(args: string[], run: Run): Promise<string> {
  const { environment, exitCode: wanted, onOutput } = run;
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith("SANDLOT_"));
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    env: { ...Object.fromEntries(inherited), NO_COLOR: "1", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (data: string) => {
      output += data;
      onOutput?.(data, child);
    });
  }
  const [exitCode] = (await once(child, "close")) as [number | null];
  if (exitCode !== wanted)
    throw new Error(`exit code ${exitCode} instead of ${wanted}:\n${output}`);
  return output;
}

/** A state folder of its own; a daemon that was started for it ends with it. */
async function temporaryHome(): Promise<{ path: string } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "sandlot-example-"));
  return {
    path,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) =>
        execFile(
          process.execPath,
          [SANDLOT, "daemon", "stop"],
          { env: { ...process.env, SANDLOT_HOME: path, SANDLOT_ENGINE: "daemon" } },
          resolve,
        ),
      );
      await rm(path, { recursive: true, force: true });
    },
  };
}

const PROGRAMS = [
  "quickstart.ts",
  "stream-logs.ts",
  "snapshot-and-fork.ts",
  "dialect-0x.ts",
  "computesdk.ts",
  "ai-sdk.ts",
];

describe.each(["daemon", "embedded"] as const)("with SANDLOT_ENGINE=%s", (engine) => {
  // One for all: none may be in another's way, and none leaves anything behind.
  let home: Awaited<ReturnType<typeof temporaryHome>>;
  beforeAll(async () => {
    home = await temporaryHome();
  });
  afterAll(() => home[Symbol.asyncDispose]());

  test.each(PROGRAMS)("examples/%s holds what it claims", async (file) => {
    const environment = { SANDLOT_HOME: home.path, SANDLOT_ENGINE: engine };
    const output = await runNode([join(EXAMPLES, file)], { environment, exitCode: 0 });
    expect(output.trim().split("\n").at(-1)).not.toBe("");
    expect(await sandboxesIn(home.path, engine)).toEqual([]);
  });
});

test("the vitest example's tests pass against Sandlot", async () => {
  await using home = await temporaryHome();
  const config = join(EXAMPLES, "vitest-example/vitest.config.ts");
  const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
  const output = await runNode([vitest, "run", "--config", config], {
    environment: { SANDLOT_HOME: home.path, SANDLOT_ENGINE: "embedded" },
    exitCode: 0,
  });
  expect(output).toMatch(/Tests\s+2 passed/);
});

test("the demo installs, starts and reaches its app", { timeout: 180_000 }, async (context) => {
  if (!(await registryIsReachable())) {
    context.skip("no package registry is reachable, which the demo needs");
  }
  await using home = await temporaryHome();
  const output = await runNode([join(EXAMPLES, "demo.ts")], {
    environment: { SANDLOT_HOME: home.path },
    exitCode: 0,
  });
  expect(output).toMatch(/✓ Hello from a sandbox\n {2}✓ http:\/\/localhost:\d+\n/);
  expect(output).toMatch(/is deleted\.\n$/);
  expect(await sandboxesIn(home.path)).toEqual([]);
});

test(
  "the demo stays up with --keep, and cleans up on Ctrl-C",
  { timeout: 180_000 },
  async (context) => {
    if (!(await registryIsReachable())) {
      context.skip("no package registry is reachable, which the demo needs");
    }
    await using home = await temporaryHome();
    let printed = "";
    let visited: Promise<unknown> | undefined;
    const output = await runNode([join(EXAMPLES, "demo.ts"), "--keep"], {
      environment: { SANDLOT_HOME: home.path, SANDLOT_ENGINE: "daemon" },
      exitCode: 0,
      onOutput(data, child) {
        printed += data;
        const url = /http:\/\/localhost:\d+/.exec(printed)?.[0];
        if (!url || !printed.includes("Ctrl-C ends the demo")) return;
        visited ??= fetch(`${url}/facts`).then((response) => response.json());
        // The server's own line about the visit: it is shown live.
        if (!child.killed && printed.includes("GET /facts 200")) child.kill("SIGINT");
      },
    });
    expect(await visited).toMatchObject({ visits: 1 });
    expect(output).toMatch(/is deleted\.\n$/);
    expect(await sandboxesIn(home.path)).toEqual([]);
  },
);

test("the demo says what to do when the registry cannot be reached", async () => {
  await using home = await temporaryHome();
  const output = await runNode([join(EXAMPLES, "demo.ts")], {
    environment: {
      SANDLOT_HOME: home.path,
      SANDLOT_ENGINE: "embedded",
      // Nothing listens on port 1, and nothing may: it needs root and is reserved.
      npm_config_registry: "http://127.0.0.1:1/",
    },
    exitCode: 1,
  });
  expect(output).toContain("the package registry cannot be reached from here (ECONNREFUSED)");
  expect(output).toContain("HTTPS_PROXY or npm_config_registry");
  expect(output).toMatch(/is deleted\.\n$/);
});

/** What a program left behind. */
async function sandboxesIn(
  home: string,
  engine: "daemon" | "embedded" = "daemon",
): Promise<unknown> {
  const environment = { SANDLOT_HOME: home, SANDLOT_ENGINE: engine };
  return JSON.parse(
    await runNode([SANDLOT, "ls", "--all", "--json"], { environment, exitCode: 0 }),
  );
}

/** Asks the registry that npm on this machine uses whether it takes connections. */
async function registryIsReachable(): Promise<boolean> {
  const url = await new Promise<string>((resolve, reject) =>
    execFile("npm", ["config", "get", "registry"], { cwd: ROOT }, (error, stdout) =>
      error ? reject(error) : resolve(stdout.trim()),
    ),
  );
  const { hostname, port, protocol } = new URL(url);
  const socket = connect({
    host: hostname,
    port: Number(port) || (protocol === "https:" ? 443 : 80),
  });
  socket.setTimeout(5_000, () => socket.destroy(new Error("no answer")));
  try {
    await once(socket, "connect");
    return true;
  } catch {
    // Whatever stood in the way, there is no registry for the demo.
    return false;
  } finally {
    socket.destroy();
  }
}

test("the demo's app names exact versions, so that it is the same everywhere", async () => {
  const manifest: unknown = JSON.parse(
    await readFile(join(EXAMPLES, "demo-app/package.json"), "utf8"),
  );
  expect(manifest).toMatchObject({
    dependencies: {
      hono: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      "@hono/node-server": expect.stringMatching(/^\d+\.\d+\.\d+$/),
    },
  });
});

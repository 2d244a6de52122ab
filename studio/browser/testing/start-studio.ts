import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import getPort from "get-port";
import { readSettings, stopDaemon } from "sandlot/host";

const ROOT = join(import.meta.dirname, "../../..");
/** The first start may have to build the library and the pages. */
const START_MS = 300_000;

/** A studio of its own: its state folder, its daemon, its port. */
export interface RunningStudio extends AsyncDisposable {
  readonly url: string;
  readonly home: string;
  /** Ends the studio's processes at once, as a crash or a power cut does. */
  kill(): Promise<void>;
  /** Starts it anew on the same port, with all that was kept. */
  restart(): Promise<void>;
}

/** Starts the studio as `npm start` does, with the demo as its only model. */
export async function startStudio(): Promise<RunningStudio> {
  const home = await mkdtemp(join(tmpdir(), "sandlot-browser-"));
  const port = await getPort();
  const settings = readSettings({ SANDLOT_HOME: home, SANDLOT_ENGINE: "daemon" });
  let server = await start({ home, port });
  return {
    url: `http://localhost:${port}`,
    home,
    kill: () => end(server, "SIGKILL"),
    async restart() {
      server = await start({ home, port });
    },
    async [Symbol.asyncDispose]() {
      await end(server, "SIGTERM");
      await stopDaemon(settings, { stopSandboxes: true });
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

async function start({ home, port }: { home: string; port: number }): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [join(ROOT, "scripts/start-studio.ts"), "--no-open", "--port", String(port)],
    {
      cwd: ROOT,
      // A group of its own, so that all of it can be ended.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: environment(home),
    },
  );
  let output = "";
  const ready = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (output.includes("The studio is at")) ready.resolve();
    });
  }
  child.once("exit", (code) =>
    ready.reject(new Error(`the studio ended with ${code} before it was ready:\n${output}`)),
  );
  const late = setTimeout(
    () => ready.reject(new Error(`the studio was not ready in time:\n${output}`)),
    START_MS,
  );
  try {
    await ready.promise;
    return child;
  } catch (error) {
    await end(child, "SIGKILL");
    throw error;
  } finally {
    clearTimeout(late);
  }
}

/** Of whoever runs the tests: what would connect a model, and what the test runner says to its own processes. */
const NOT_PASSED_ON =
  /^(SANDLOT_(?!ISOLATION)|AI_GATEWAY_|ANTHROPIC_|OPENAI_|VERCEL|VITEST|NODE_ENV|NODE_OPTIONS)/;

/** The machine's own environment, with its certificates and proxies, and the demo as the only model. */
function environment(home: string): NodeJS.ProcessEnv {
  const passedOn = Object.entries(process.env).filter(([name]) => !NOT_PASSED_ON.test(name));
  return {
    ...Object.fromEntries(passedOn),
    NODE_ENV: "production",
    SANDLOT_HOME: home,
    SANDLOT_ENGINE: "daemon",
    SANDLOT_LOCAL_MODELS: "off",
    CI: "1",
  };
}

async function end(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  process.kill(-child.pid, signal);
  await ended;
}

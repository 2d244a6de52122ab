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
  /** The start script's process, of which all others descend; another one after a restart. */
  readonly pid: number;
  /** Ends the studio's processes at once, as a crash or a power cut does. */
  kill(): Promise<void>;
  /** Starts it anew on the same port, with all that was kept. */
  restart(): Promise<void>;
}

/** Starts the studio as `npm start` does, with the demo as its only model but for what `environment` connects. */
export async function startStudio({
  environment = {},
  root = ROOT,
}: {
  environment?: Readonly<Record<string, string>>;
  /** Another checkout than this one. */
  root?: string;
} = {}): Promise<RunningStudio> {
  const home = await mkdtemp(join(tmpdir(), "sandlot-browser-"));
  const port = await getPort();
  const settings = readSettings({ SANDLOT_HOME: home, SANDLOT_ENGINE: "daemon" });
  const place = { home, port, environment, root };
  let server = await start(place);
  return {
    url: `http://localhost:${port}`,
    home,
    get pid() {
      if (server.pid === undefined) throw new Error("the studio's process was never started");
      return server.pid;
    },
    kill: () => end(server, "SIGKILL"),
    async restart() {
      server = await start(place);
    },
    async [Symbol.asyncDispose]() {
      await end(server, "SIGTERM");
      await stopDaemon(settings, { stopSandboxes: true });
      await rm(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** Where a studio keeps its things, listens, and which models it has. */
interface Place {
  home: string;
  port: number;
  environment: Readonly<Record<string, string>>;
  root: string;
}

async function start({ home, port, environment, root }: Place): Promise<ChildProcess> {
  const child = spawn(
    process.execPath,
    [join(root, "scripts/start-studio.ts"), "--no-open", "--port", String(port)],
    {
      cwd: root,
      // A group of its own, so that all of it can be ended.
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...withoutModels(home), ...environment },
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
function withoutModels(home: string): NodeJS.ProcessEnv {
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

// Starts the studio: `npm start` builds what is not built yet, `npm run dev` serves the sources.
import { join } from "node:path";
import { parseArgs } from "node:util";
import { openInBrowser } from "../lib/cli/open-in-browser.ts";
import { buildIfStale, LIBRARY, STUDIO } from "./build-studio.ts";
import { choosePort, serveStudio } from "./serve-studio.ts";
import { StartError } from "./start-error.ts";

const ROOT = join(import.meta.dirname, "..");
const LOOPBACK = "127.0.0.1";
const PARENT_LOOK_MS = 1_000;
const OPTIONS = {
  dev: { type: "boolean", default: false },
  port: { type: "string" },
  host: { type: "string", default: LOOPBACK },
  "no-open": { type: "boolean", default: false },
} as const;

const values = readOptions();
const asked = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    // Who asks twice does not want to wait.
    if (asked.signal.aborted) process.exit(1);
    asked.abort();
  });
}
// The terminal was closed. Streams of the studio end by themselves on SIGTERM.
process.on("SIGHUP", () => process.kill(process.pid, "SIGTERM"));
endWithNpm();

try {
  await run();
} catch (error) {
  if (!asked.signal.aborted) {
    if (!(error instanceof StartError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
// It was asked to end, and whatever a library still keeps open is not worth the wait.
process.exit();

/** Returns when the studio was asked to end, and has. */
async function run(): Promise<void> {
  const { dev, host } = values;
  const port = await choosePort(host, values.port);
  const build = { signal: asked.signal, say: (line: string) => process.stdout.write(`${line}\n`) };
  await buildIfStale(ROOT, LIBRARY, build);
  if (!dev) await buildIfStale(ROOT, STUDIO, build);
  // Not before the library is built.
  const { checkSettings, warmEngine } = await import("./studio-engine.ts");
  const settings = checkSettings();
  void warmEngine(settings);
  await using _server = await serveStudio({ root: ROOT, host, port, dev });
  const url = `http://localhost:${port}`;
  process.stdout.write(
    `\n  The studio is at ${url}\n  Ctrl+C ends it; sandboxes and projects stay.\n\n`,
  );
  if (host !== LOOPBACK) {
    process.stdout.write(
      `  It listens on ${host}: whoever reaches that runs commands here, for nobody is asked who he is.\n\n`,
    );
  }
  if (!values["no-open"] && hasDisplay()) await openInBrowser(url);
  await aborted(asked.signal);
}

/**
 * npm runs a script by a shell of its own, and passes on to that shell what it is told to end by. The shell dies of it and
 * says nothing: what was started by npm is to end then, too. Nothing tells of a parent's end, so it is looked for.
 */
function endWithNpm(): void {
  if (process.env["npm_lifecycle_event"] === undefined) return;
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    process.kill(process.pid, "SIGTERM");
  }, PARENT_LOOK_MS);
  look.unref();
}

function readOptions() {
  try {
    const { values: given } = parseArgs({ options: OPTIONS });
    const port = given.port === undefined ? undefined : Number(given.port);
    if (port === undefined || (Number.isInteger(port) && port > 0 && port < 65_536)) {
      return { ...given, port };
    }
    process.stderr.write(`--port must be a number from 1 to 65535, and ${given.port} is none.\n`);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const known = Object.keys(OPTIONS).map((name) => `--${name}`);
    process.stderr.write(`${error.message}\nThere are: ${known.join(", ")}\n`);
  }
  return process.exit(2);
}

function aborted(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (signal.aborted) resolve();
  else signal.addEventListener("abort", () => resolve(), { once: true });
  return promise;
}

function hasDisplay(): boolean {
  if (!process.stdout.isTTY || process.env["CI"]) return false;
  if (process.platform === "darwin" || process.platform === "win32") return true;
  return Boolean(process.env["DISPLAY"] ?? process.env["WAYLAND_DISPLAY"]);
}

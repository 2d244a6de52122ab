// Starts the studio: `npm start` builds what is not built yet, `npm run dev` serves the sources.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, globSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { parseArgs } from "node:util";
import getPort, { portNumbers } from "get-port";
import { openInBrowser } from "../lib/cli/open-in-browser.ts";

const ROOT = join(import.meta.dirname, "..");
const LOOPBACK = "127.0.0.1";
const FIRST_PORT = 3000;
const LAST_PORT = 3099;
const PATIENCE_MS = 120_000;
const END_PATIENCE_MS = 5_000;

const { values } = parseArgs({
  options: {
    dev: { type: "boolean", default: false },
    port: { type: "string" },
    host: { type: "string", default: LOOPBACK },
    "no-open": { type: "boolean", default: false },
  },
});

const wanted = values.port === undefined ? undefined : Number(values.port);
if (wanted !== undefined && !(Number.isInteger(wanted) && wanted > 0 && wanted < 65_536)) {
  process.stderr.write(`--port must be a number from 1 to 65535, and ${values.port} is none.\n`);
  process.exit(2);
}

/** Whether any of the files is newer than the mark that the last build left. */
function isStale(mark: string, patterns: readonly string[]): boolean {
  const markFile = join(ROOT, mark);
  if (!existsSync(markFile)) return true;
  const builtAt = statSync(markFile).mtimeMs;
  const exclude = (name: string): boolean => name === "node_modules" || name === "dist";
  return globSync([...patterns], { cwd: ROOT, exclude })
    .filter((file) => !/\.test\.tsx?$/.test(file))
    .some((file) => statSync(join(ROOT, file)).mtimeMs > builtAt);
}

function build(title: string, args: readonly string[]): void {
  process.stdout.write(`Building ${title}…\n`);
  const { status } = spawnSync(process.execPath, [...args], { cwd: ROOT, stdio: "inherit", env });
  if (status === 0) return;
  process.stderr.write(`${title} could not be built; what is wrong stands above.\n`);
  process.exit(status ?? 1);
}

const env = { ...process.env, NEXT_TELEMETRY_DISABLED: "1" };
const { resolve } = createRequire(import.meta.url);
const nextProgram = resolve("next/dist/bin/next");
// Its package exports no such path.
const compiler = join(ROOT, "node_modules/typescript/bin/tsc");

if (isStale("lib/dist/trigger-client/index.js", ["lib/**/*.ts", "lib/package.json"])) {
  build("the library", [compiler, "-p", "lib/tsconfig.build.json"]);
}
// Of the library only the words are part of the studio's own build.
const SOURCES = [
  "{app,components,ai,studio}/**/*.{ts,tsx,css,svg}",
  "lib/contract/**/*.ts",
  "{next.config,proxy}.ts",
  "postcss.config.mjs",
  "package.json",
];
if (!values.dev && isStale(".next/BUILD_ID", SOURCES)) {
  build("the studio", [nextProgram, "build"]);
}

const port =
  wanted === undefined
    ? await getPort({ port: portNumbers(FIRST_PORT, LAST_PORT), host: values.host })
    : wanted;
const url = `http://localhost:${port}`;
const server = spawn(
  process.execPath,
  [nextProgram, values.dev ? "dev" : "start", "-H", values.host, "-p", String(port)],
  { cwd: ROOT, stdio: ["ignore", "ignore", "inherit"], env },
);
const ended = new Promise<number>((done) => {
  server.once("exit", (code) => done(code ?? 1));
});
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    server.kill("SIGTERM");
    // What still hangs then, such as a download that nobody takes, is not worth the wait.
    setTimeout(() => server.kill("SIGKILL"), END_PATIENCE_MS).unref();
  });
}

if (await Promise.race([isAnswering(), ended.then(() => false)])) {
  process.stdout.write(
    `\n  The studio is at ${url}\n  Ctrl+C ends it; sandboxes and projects stay.\n\n`,
  );
  if (values.host !== LOOPBACK) {
    process.stdout.write(
      `  It listens on ${values.host}: whoever reaches that runs commands here, for nobody is asked who he is.\n\n`,
    );
  }
  if (!values["no-open"] && hasDisplay()) await openInBrowser(url);
}
process.exitCode = await ended;

/** Resolves when the first page can be had. */
async function isAnswering(): Promise<boolean> {
  const until = AbortSignal.timeout(PATIENCE_MS);
  while (!until.aborted) {
    try {
      const answer = await fetch(`http://${values.host}:${port}/`, { signal: until });
      await answer.body?.cancel();
      return true;
    } catch {
      // It does not listen yet, and nothing tells when it will.
      await new Promise((next) => setTimeout(next, 50));
    }
  }
  return false;
}

function hasDisplay(): boolean {
  if (!process.stdout.isTTY || process.env["CI"]) return false;
  if (process.platform === "darwin" || process.platform === "win32") return true;
  return Boolean(process.env["DISPLAY"] ?? process.env["WAYLAND_DISPLAY"]);
}

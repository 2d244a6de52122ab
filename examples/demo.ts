// A real job through the Vercel Sandbox API, on this machine: write a small web
// app, install it from npm, start it, reach it. `npm run demo -- --keep` leaves
// it up until Ctrl-C. Exits non-zero when anything is wrong.
import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs, styleText } from "node:util";
import { type Command, Sandbox } from "sandlot";
import { DemoError, explainNpmFailure } from "./demo/explain-npm-failure.ts";
import { hostsNpmSettings } from "./demo/hosts-npm-settings.ts";
import { lineWriter } from "./demo/line-writer.ts";
import { StepClock } from "./demo/step-clock.ts";

const PORT = 3000;
const TITLE = "Hello from a sandbox";
const START_LIMIT_MS = 30_000;
// "http" logs every download as it happens; one early retry, so that a missing network shows soon.
const NPM_OPTIONS = [
  "--loglevel=http",
  "--no-audit",
  "--no-fund",
  "--no-update-notifier",
  "--fetch-retries=1",
  "--fetch-retry-mintimeout=1000",
];
const APP_FILES = ["package.json", "server.js", "page.html"];

const { values } = parseArgs({
  options: { keep: { type: "boolean", default: false } },
});

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => interrupted.abort(new DemoError(`ended by ${signal}`)));
}

process.exitCode = await main(interrupted.signal);

async function main(signal: AbortSignal): Promise<number> {
  const clock = new StepClock();
  let sandbox: Sandbox | undefined;
  try {
    sandbox = await clock.step("create a sandbox", () =>
      Sandbox.create({ ports: [PORT], timeout: 15 * 60_000, persistent: false, signal }),
    );
    clock.say(sandbox.name);
    await runDemo(sandbox, { clock, signal });
    return 0;
  } catch (error) {
    if (signal.aborted) return 130;
    console.error(`\n${styleText("red", "The demo failed.")} ${messageOf(error)}`);
    return 1;
  } finally {
    if (sandbox) {
      await sandbox.delete();
      console.log(styleText("dim", `\n  ${sandbox.name} is deleted.`));
    }
  }
}

async function runDemo(
  sandbox: Sandbox,
  { clock, signal }: { clock: StepClock; signal: AbortSignal },
): Promise<void> {
  await clock.step("write the app", async () =>
    sandbox.writeFiles(
      await Promise.all(
        APP_FILES.map(async (path) => ({
          path,
          content: await readFile(new URL(`demo-app/${path}`, import.meta.url)),
        })),
      ),
    ),
  );
  clock.say(APP_FILES.join(", "));

  await clock.step("npm install", () => install(sandbox, signal));

  const server = await clock.step("start the server", () =>
    sandbox.runCommand({ cmd: "npm", args: ["start", "--silent"], detached: true, signal }),
  );
  clock.say(server.cmdId);

  const url = sandbox.domain(PORT);
  await clock.step("wait for the port", () => waitForPort(url, { server, signal }));
  const page = await clock.step("fetch the page", async () => (await fetch(url)).text());
  const title = /<title>(.*?)<\/title>/.exec(page)?.[1];
  if (title !== TITLE) {
    throw new DemoError(`${url} answered, but with the title "${title}" instead of "${TITLE}".`);
  }

  console.log(`\n${clock.table()}\n`);
  console.log(`  ${styleText("green", "✓")} ${styleText("bold", title)}`);
  console.log(`  ${styleText("green", "✓")} ${styleText("cyan", url)}`);
  if (values.keep) await keepUp(server, signal);
}

/** Shows what the server writes until Ctrl-C, or until the server ends by itself. */
async function keepUp(server: Command, signal: AbortSignal): Promise<void> {
  console.log(styleText("dim", "\n  Open the URL in a browser. Ctrl-C ends the demo."));
  const log = lineWriter((line) => console.log(styleText("dim", `  │ ${line}`)));
  try {
    for await (const { data } of server.logs({ signal })) log.write(data);
  } catch (error) {
    if (!signal.aborted) throw error;
    return;
  }
  const { exitCode } = await server.wait();
  throw new DemoError(`The server ended by itself, with exit code ${exitCode}.`);
}

async function install(sandbox: Sandbox, signal: AbortSignal): Promise<void> {
  const log = lineWriter((line) => console.log(styleText("dim", `  │ ${line}`)));
  const installed = await sandbox.runCommand({
    cmd: "npm",
    args: ["install", ...NPM_OPTIONS],
    env: hostsNpmSettings(process.env),
    stdout: log,
    stderr: log,
    signal,
  });
  if (installed.exitCode !== 0) {
    throw explainNpmFailure(installed.exitCode, await installed.output("both"));
  }
}

/** Returns when the app answers; 502 is what Sandlot says while nothing listens. */
async function waitForPort(
  url: string,
  { server, signal }: { server: Command; signal: AbortSignal },
): Promise<void> {
  const done = new AbortController();
  const limit = AbortSignal.any([signal, done.signal, AbortSignal.timeout(START_LIMIT_MS)]);
  const ended = server.wait({ signal: limit }).then(
    ({ exitCode }) => `The server ended with exit code ${exitCode} before it answered.`,
    () => `The server did not answer within ${START_LIMIT_MS / 1000} s.`,
  );
  const answered = (async () => {
    while (!limit.aborted) {
      const response = await fetch(url, { signal: limit }).catch(() => undefined);
      await response?.body?.cancel();
      if (response && response.status !== 502) return undefined;
      await pause(50, undefined, { signal: limit }).catch(() => undefined);
    }
    return ended;
  })();
  const problem = await Promise.race([ended, answered]);
  done.abort();
  signal.throwIfAborted();
  if (problem !== undefined) throw new DemoError(`${problem}\n${await lastLines(server)}`);
}

/** What the server wrote up to now, its last lines; it may still be running. */
async function lastLines(server: Command): Promise<string> {
  const lines: string[] = [];
  const read = AbortSignal.timeout(1_000);
  try {
    for await (const { data } of server.logs({ signal: read })) lines.push(data);
  } catch (error) {
    if (!read.aborted) throw error;
  }
  const tail = lines.join("").trimEnd().split("\n").slice(-15);
  return `Its last lines were:\n${tail.map((line) => `  │ ${line}`).join("\n")}`;
}

function messageOf(error: unknown): string {
  if (error instanceof DemoError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

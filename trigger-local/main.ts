import { homedir } from "node:os";
import { isAbsolute, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import getPort from "get-port";
import { startDevCli } from "./cli/dev-cli.ts";
import { pageAddress } from "./page/page-routes.ts";
import { startPlatform } from "./platform.ts";

// A program: the platform and the real CLI of this project, until Ctrl-C.

// The same each time as far as it is free, so that what was exported in another terminal goes on.
const USUAL_PORT = 4_711;

const HELP = `Usage: npm run trigger:local -- [options]

Runs this project's Trigger.dev tasks on this machine, without an account and without a network.

  --project <folder>  where trigger.config.ts lies (default: here)
  --state <folder>    what is kept (default: sandlot/trigger-local in your state folder)
  --port <number>     where to listen on 127.0.0.1 (default: 4711, or one that is free)
  --help              this text
`;

const { values } = parseArgs({
  options: {
    project: { type: "string", default: "." },
    state: { type: "string", default: defaultStateFolder() },
    port: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) {
  process.stdout.write(HELP);
} else {
  try {
    await run();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}

async function run(): Promise<void> {
  const stateFolder = resolve(values.state);
  const port = await chosenPort();
  const stop = Promise.withResolvers<void>();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(signal, () => stop.resolve());
  }
  await using platform = await startPlatform({ stateFolder, port });
  process.stdout.write(`
Runs and their output: ${pageAddress(platform.url, platform.keys.secretKey)}

In the terminal of a program that uses the tasks:

  export TRIGGER_API_URL=${platform.url}
  export TRIGGER_SECRET_KEY=${platform.keys.secretKey}

`);
  await using cli = startDevCli({
    projectDirectory: resolve(values.project),
    configFolder: join(stateFolder, "config"),
    apiUrl: platform.url,
    accessToken: platform.keys.accessToken,
    environment: process.env,
    onOutput: (text) => process.stdout.write(text),
  });
  await Promise.race([stop.promise, cli.exited]);
  process.stdout.write("\nEnding the tasks and the platform…\n");
}

async function chosenPort(): Promise<number> {
  if (values.port === undefined) return getPort({ port: USUAL_PORT, host: "127.0.0.1" });
  const port = Number(values.port);
  if (Number.isInteger(port) && port >= 0 && port < 65_536) return port;
  throw new Error(
    `--port is ${JSON.stringify(values.port)}, which is no port. Give a number up to 65535.`,
  );
}

function defaultStateFolder(): string {
  const base = process.env["XDG_STATE_HOME"];
  const folder = base && isAbsolute(base) ? base : join(homedir(), ".local", "state");
  return join(folder, "sandlot", "trigger-local");
}

import { execFile, fork } from "node:child_process";
import { on } from "node:events";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { indexerToWorkerMessages } from "@trigger.dev/core/v3/schemas";
import { parseMessageFromCatalog } from "@trigger.dev/core/v3/zodMessageHandler";
import { temporaryDirectory } from "../../lib/testing/temporary-directory.ts";
import type { RunBench } from "./run-bench.ts";

/** What `trigger deploy --dry-run` leaves: all that an image would be built from. */
export interface DryRun extends AsyncDisposable {
  files: string[];
  read(file: string): Promise<string>;
  /** The ids of the tasks that are in it, found as the image's build finds them: by loading what would run. */
  indexTasks(): Promise<string[]>;
}

/** Lets the real CLI build what it would deploy. It is deleted when it is disposed of. */
export async function deployDryRun({ platform, project }: RunBench): Promise<DryRun> {
  const manifest = createRequire(import.meta.url).resolve("trigger.dev/package.json");
  const cli = join(dirname(manifest), "dist", "esm", "index.js");
  const flags = ["--skip-update-check", "--skip-telemetry"];
  // A home without the vendor's settings and logins.
  await using home = await temporaryDirectory();
  const { keys, url } = platform.platform;
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [cli, "deploy", "--dry-run", "-e", "prod", ...flags],
    {
      cwd: project,
      env: {
        ...process.env,
        HOME: home.path,
        XDG_CONFIG_HOME: home.path,
        TRIGGER_API_URL: url,
        TRIGGER_ACCESS_TOKEN: keys.accessToken,
      },
    },
  );
  const said = stdout + stderr;
  const [, path] = /View the built project at (\S+)/.exec(said) ?? [];
  if (!path) throw new Error(`the dry run left nothing. It said:\n${said}`);
  return {
    files: await readdir(path),
    read: (file) => readFile(join(path, file), "utf8"),
    indexTasks: () => indexTasks(path),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

async function indexTasks(path: string): Promise<string[]> {
  // In the image the same files lie there.
  const manifest = (await readFile(join(path, "build.json"), "utf8")).replaceAll(
    '"/app/',
    `"${path}/`,
  );
  const manifestFile = join(path, "build-here.json");
  await writeFile(manifestFile, manifest);
  const { indexWorkerEntryPoint } = JSON.parse(manifest) as { indexWorkerEntryPoint: string };
  const indexer = fork(indexWorkerEntryPoint, {
    cwd: path,
    env: { TRIGGER_BUILD_MANIFEST_PATH: manifestFile, TRIGGER_INDEXING: "1" },
    execArgv: [],
  });
  try {
    for await (const [said] of on(indexer, "message", { close: ["exit"] })) {
      const message = parseMessageFromCatalog(said, indexerToWorkerMessages);
      if (message.type !== "INDEX_COMPLETE") throw new Error(JSON.stringify(message));
      if (message.payload.importErrors.length > 0) throw new Error(JSON.stringify(message.payload));
      return message.payload.manifest.tasks.map(({ id }) => id);
    }
    throw new Error(`the indexer ended without a word, with ${indexer.exitCode}`);
  } finally {
    indexer.kill("SIGKILL");
  }
}

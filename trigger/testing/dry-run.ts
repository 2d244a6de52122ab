import { execFile } from "node:child_process";
import { readdir, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { temporaryDirectory } from "../../lib/testing/temporary-directory.ts";
import type { RunBench } from "./run-bench.ts";

/** What `trigger deploy --dry-run` leaves: all that an image would be built from. */
export interface DryRun extends AsyncDisposable {
  files: string[];
  read(file: string): Promise<string>;
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
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

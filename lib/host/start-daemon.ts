import { spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { extname, join, relative } from "node:path";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { OuterNamespace } from "../backends/isolation/namespaces/outer/outer-namespace.ts";
import { SandboxError } from "../contract/errors.ts";
import type { Ready } from "./daemon.ts";
import { errorFrom } from "./fault-answer.ts";
import { HELD_ARGUMENT } from "./held-descriptor.ts";
import { keptPackage, ownPackage } from "./kept-package.ts";
import { keyringShield } from "./keyring-shield.ts";
import { ownEnvironment } from "./own-environment.ts";
import type { Settings } from "./settings.ts";
import { REPORT_DESCRIPTOR, StartReport } from "./start-report.ts";
import { makeStateFolder, stateFolder } from "./state-folder.ts";

// The daemon lives long and idles much: a small space for young objects keeps it small after a burst.
const YOUNG_MEMORY = "--max-semi-space-size=8";

/**
 * Starts a daemon in the background, or finds the one that others have just started. Returns when it
 * takes calls. Throws what stood in its way, in its own words.
 */
export async function startDaemon(settings: Settings): Promise<Ready> {
  makeStateFolder(settings.home);
  // Whoever finds that a daemon runs has no need of all this.
  const { outerForDaemon } = await import("./outer-daemon.ts");
  using outer = await outerForDaemon(settings);
  if (!outer) return launch(settings);
  try {
    // Root of a namespace would run commands as root if they were not isolated.
    return await launch({ ...settings, isolation: "namespaces" }, outer);
  } catch (error) {
    if (!SandboxError.is(error) || error.code !== "isolation_unavailable") throw error;
    return launch(settings);
  }
}

async function launch(settings: Settings, outer?: OuterNamespace): Promise<Ready> {
  const { home, log } = stateFolder(settings.home);
  const output = openSync(log, "a", 0o600);
  const [program = "", ...args] = [
    ...(outer?.enter(home) ?? []),
    ...keyringShield(),
    process.execPath,
    YOUNG_MEMORY,
    daemonProgram(home),
    ...(outer ? [HELD_ARGUMENT] : []),
  ];
  const child = spawn(program, args, {
    cwd: home,
    // A session of its own: it must not get the Ctrl-C that ends its first caller.
    detached: true,
    // Root of a namespace is somebody else to the list of users.
    env: { ...ownEnvironment(settings), ...(outer && { HOME: homedir() }) },
    stdio: ["ignore", output, output, "pipe", ...(outer ? [outer.descriptor] : [])],
    windowsHide: true,
  });
  closeSync(output);
  const failed = new Promise<never>((_, reject) => child.once("error", reject));
  const said = await Promise.race([text(child.stdio[REPORT_DESCRIPTOR] as Readable), failed]);
  child.unref();
  if (!said) throw died(log);
  const report = StartReport.parse(JSON.parse(said));
  if ("error" in report) throw errorFrom(report.error);
  const { socketPath, notice } = report.ready;
  return { socketPath, ...(notice !== undefined && { notice }) };
}

/** It lives longer than the package may lie where it is, and starts programs of the package's till its end. */
function daemonProgram(home: string): string {
  const file = fileURLToPath(new URL(`./daemon-main${extname(import.meta.url)}`, import.meta.url));
  // Sources run as they are in tests; the package holds built files.
  if (extname(file) === ".ts") return file;
  try {
    return join(keptPackage(home), relative(ownPackage(), file));
  } catch {
    // Packages that lie in an archive, or a disk that is full: the daemon runs, as long as the package stays.
    return file;
  }
}

function died(log: string): SandboxError {
  const tail = readFileSync(log, "utf8").trimEnd().split("\n").slice(-5).join("\n");
  return new SandboxError(
    "engine_unavailable",
    `The Sandlot daemon ended before it took calls. The last lines of its log (${log}):\n${tail}`,
  );
}

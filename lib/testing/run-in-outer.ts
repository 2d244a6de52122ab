import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { outerForDaemon } from "../host/outer-daemon.ts";
import { readSettings } from "../host/settings.ts";
import { makeStateFolder } from "../host/state-folder.ts";
import { OUTER_ROOT } from "./namespaces-bench.ts";

// Runs a program where this user's daemon would run: with its range of ids, as root of them.

const settings = readSettings({
  ...process.env,
  SANDLOT_HOME: join(process.env["HOME"] ?? "", "outer"),
});
makeStateFolder(settings.home);
using outer = await outerForDaemon(settings);
if (!outer) throw new Error("There is no range of ids here.");
const [program = "", ...args] = [...outer.enter(process.cwd()), ...process.argv.slice(2)];
const child = spawn(program, args, {
  env: { ...process.env, [OUTER_ROOT]: "1" },
  stdio: "inherit",
});
await once(child, "exit");
process.exitCode = child.exitCode ?? 1;

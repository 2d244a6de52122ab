import { spawn } from "node:child_process";
import { once } from "node:events";
import { endLeftovers, watchdogPid } from "./cli-leftovers.ts";
import { cliArguments, readGuardOrder } from "./guard-order.ts";

// A program. It runs the CLI for as long as whoever started it holds the other end of its standard input, so that
// the CLI, its workers and what it leaves behind end also when that process was killed.

// The CLI ends its workers first, and they get some seconds to end their tasks.
const GRACE_MS = 10_000;

const order = readGuardOrder(process.argv);
const cli = spawn(process.execPath, cliArguments(order), {
  cwd: order.projectDirectory,
  stdio: ["ignore", "inherit", "inherit"],
  // A group of its own, with its workers in it.
  detached: true,
});
// Ctrl-C comes to all that belong to the terminal; when to end is said by whoever started us.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
process.stdin.once("close", () => {
  cli.kill("SIGTERM");
  setTimeout(() => endGroup(), GRACE_MS).unref();
});
process.stdin.resume();
const [code] = await once(cli, "exit");
const watchdog = watchdogPid(order);
endGroup();
await endLeftovers(order, watchdog);
process.exit(code ?? 1);

function endGroup(): void {
  if (cli.pid === undefined) return;
  try {
    process.kill(-cli.pid, "SIGKILL");
  } catch (error) {
    // ESRCH: the group has ended already.
    if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
  }
}

// The daemon's program: what `start-daemon.ts` runs. It tells on its third pipe how the start went.
import { closeSync, writeSync } from "node:fs";
import { reuseCompiled } from "../std/compile-cache.ts";
import { messageOf } from "../std/message-of.ts";
import { holdOwn } from "./held-descriptor.ts";
import { REPORT_DESCRIPTOR, type StartReport } from "./start-report.ts";

reuseCompiled();
holdOwn();
process.title = "sandlot-daemon";

function report(line: StartReport): void {
  try {
    writeSync(REPORT_DESCRIPTOR, `${JSON.stringify(line)}\n`);
    closeSync(REPORT_DESCRIPTOR);
  } catch {
    // Started by hand, or the caller is gone: nobody waits for it.
  }
}

try {
  const { readSettings } = await import("./settings.ts");
  const { withoutSqliteWarning } = await import("./quiet-sqlite.ts");
  const { runDaemon } = await withoutSqliteWarning(() => import("./daemon.ts"));
  await runDaemon(readSettings(), (ready) => report({ ready }));
  process.exitCode = 0;
} catch (error) {
  const { SandboxError } = await import("../contract/errors.ts");
  process.exitCode = 1;
  console.error(error);
  report({
    error: SandboxError.is(error)
      ? { code: error.code, message: error.message }
      : { code: "internal", message: messageOf(error) },
  });
}
// Whatever is still open (a pipe of a command, say) is not this process's to wait for.
process.exit();

#!/usr/bin/env node
// The library's syntax and `node:sqlite` need this version; older ones would fail
// with a message about a module, not about the version.
const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(
    `error: sandlot needs Node 22.13 or newer; this is ${process.version} (${process.execPath}).\n`,
  );
  process.exit(5);
}

// Most of a short command's time is compiling modules; what an earlier run compiled is used again.
(await import("node:module")).enableCompileCache();

const interrupted = new AbortController();
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  // Once: a second Ctrl-C ends the program at once.
  process.once(signal, () => interrupted.abort(new Error(`ended by ${signal}`)));
}
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    // The reader left, as `head` does: nobody is there to be told more.
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}

const { COMMANDS } = await import("./commands.ts");
const { openConsole } = await import("./console.ts");
const { packageVersion } = await import("../host/package-version.ts");
const { run } = await import("./run.ts");

process.exitCode = await run(process.argv.slice(2), {
  console: openConsole(process),
  signal: interrupted.signal,
  commands: COMMANDS,
  version: packageVersion(),
});

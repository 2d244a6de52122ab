// Runs the demo in a terminal and draws what it showed: `node scripts/record-demo.ts`
// writes docs/demo.svg. Needs the built package and a network for `npm install`.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawn } from "@lydell/node-pty";
import { readSettings, stopDaemon } from "sandlot/host";
import { terminalPicture, type RecordedChunk } from "./terminal-picture.ts";

const root = join(import.meta.dirname, "..");
const target = join(root, "docs/demo.svg");

/** Runs the demo on a pseudo-terminal of its own, with a state folder of its own. */
async function record(home: string): Promise<{ chunks: RecordedChunk[]; exitCode: number }> {
  const chunks: RecordedChunk[] = [{ atMs: 0, data: "\u001b[32m$\u001b[39m npm run demo\n" }];
  const startedAt = performance.now();
  const terminal = spawn(process.execPath, ["examples/demo.ts"], {
    cwd: root,
    cols: 96,
    rows: 40,
    name: "xterm-256color",
    env: { ...process.env, SANDLOT_HOME: home, SANDLOT_ENGINE: "daemon" },
  });
  terminal.onData((data) => chunks.push({ atMs: performance.now() - startedAt, data }));
  const exitCode = await new Promise<number>((resolve) =>
    terminal.onExit((exit) => resolve(exit.exitCode)),
  );
  return { chunks, exitCode };
}

const home = await mkdtemp(join(tmpdir(), "sandlot-demo-"));
try {
  const { chunks, exitCode } = await record(home);
  if (exitCode === 0) {
    const picture = terminalPicture(chunks, {
      title: "npm run demo",
      description:
        "The demo's output: a sandbox is created, a web app installed, started and fetched",
    });
    await writeFile(target, picture);
    console.log(`${target}: ${picture.length} characters`);
  } else {
    console.error(chunks.map(({ data }) => data).join(""));
    console.error(`The demo ended with exit code ${exitCode}; the picture is as it was.`);
    process.exitCode = 1;
  }
} finally {
  await stopDaemon(readSettings({ SANDLOT_HOME: home }));
  await rm(home, { recursive: true, force: true });
}

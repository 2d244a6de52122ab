import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import type { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

const PROGRAM = fileURLToPath(new URL("../host/daemon-main.ts", import.meta.url));

/** A daemon as a child of the test, so that its end can be waited for. Resolves when it takes calls. */
export async function daemonProcess(
  env: Record<string, string>,
): Promise<{ child: ChildProcess; report: unknown; exited: Promise<number | null> }> {
  const child = spawn(process.execPath, [PROGRAM], {
    env: { PATH: process.env["PATH"] ?? "", ...env },
    stdio: ["ignore", "ignore", "ignore", "pipe"],
  });
  const exited = once(child, "exit").then(() => child.exitCode);
  const said = await text(child.stdio[3] as Readable);
  return { child, report: JSON.parse(said) as unknown, exited };
}

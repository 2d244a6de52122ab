import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chown } from "node:fs/promises";
import { text } from "node:stream/consumers";
import type { Ended } from "./run-program.ts";
import { temporaryDirectory } from "./temporary-directory.ts";

/** An ordinary user of this machine: an id that nobody has, and no name. Only root can be him. */
export const ORDINARY_USER = { uid: 61_987, gid: 61_987 } as const;

/** Why nothing can be tried as an ordinary user here; undefined where it can. */
export function whyNoOrdinaryUser(): string | undefined {
  if (process.platform !== "linux") return "other users are tried on Linux only";
  if (process.getuid?.() !== 0) return "only root can be another user";
  const files = [process.execPath, import.meta.filename];
  const { status } = spawnSync("cat", ["--", ...files], { ...ORDINARY_USER, stdio: "ignore" });
  return status === 0 ? undefined : "other users cannot read Node or these sources";
}

/** A fresh directory of the ordinary user's. It goes, with all that is in it, when it is disposed of. */
export async function ordinaryHome(): Promise<AsyncDisposable & { path: string }> {
  const directory = await temporaryDirectory();
  await chown(directory.path, ORDINARY_USER.uid, ORDINARY_USER.gid);
  return directory;
}

/** Runs a program as the ordinary user, to its end. */
export async function runAsOrdinaryUser(
  [program = "", ...args]: readonly string[],
  { cwd = "/" }: { cwd?: string } = {},
): Promise<Ended> {
  const child = spawn(program, args, {
    ...ORDINARY_USER,
    cwd,
    env: { PATH: process.env["PATH"] ?? "" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { exitCode: child.exitCode, stdout, stderr };
}

/** `node`'s arguments for a program that imports one thing from a file of ours and prints what it returns, as JSON. */
export function callingProgram(file: URL, name: string, ...args: readonly unknown[]): string[] {
  const given = args.map((each) => JSON.stringify(each)).join(", ");
  const lines = [
    `import { ${name} } from ${JSON.stringify(file.href)};`,
    `process.stdout.write(JSON.stringify(await ${name}(${given})));`,
  ];
  return [process.execPath, "--input-type=module", "--eval", lines.join("\n")];
}

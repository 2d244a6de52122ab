import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readlink, writeFile } from "node:fs/promises";
import { text } from "node:stream/consumers";

/** First of the ids that stand for root's range inside: nobody on the host has them. */
const SHIFTED = 1_900_000_000;

/** A process that waits in a user and a network namespace of its own, as a session's does. What it started ends with it. */
export interface NamespaceHolder extends AsyncDisposable {
  pid: number;
  /** How `nsenter` becomes id 0 of the user namespace. */
  enterArguments: string[];
  /** Starts a program in it, as a sandbox's command would run: with no power over its network. */
  start(command: string[]): ChildProcess;
  /** Runs a program in it to its end. */
  run(command: string[]): Promise<{ exitCode: number | null; stdout: string; stderr: string }>;
}

export async function namespaceHolder(): Promise<NamespaceHolder> {
  const child = spawn("unshare", ["--user", "--net", "cat"], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  await once(child, "spawn");
  const pid = child.pid!;
  // It answers when it is `cat`, and so in its namespaces.
  child.stdin.write("ready\n");
  await once(child.stdout, "data");
  const uid = process.getuid!();
  if (uid === 0) {
    for (const map of ["uid_map", "gid_map"]) {
      await writeFile(`/proc/${pid}/${map}`, `0 ${SHIFTED} 65536\n`);
    }
  } else {
    await writeFile(`/proc/${pid}/setgroups`, "deny");
    await writeFile(`/proc/${pid}/uid_map`, `0 ${uid} 1\n`);
    await writeFile(`/proc/${pid}/gid_map`, `0 ${process.getgid!()} 1\n`);
  }
  const enterArguments = uid === 0 ? ["-S", "0", "-G", "0"] : ["--preserve-credentials"];
  const enter = ["--target", String(pid), "--user", "--net", ...enterArguments, "--"];
  // As a session's set-up does.
  await once(spawn("nsenter", [...enter, "ip", "link", "set", "lo", "up"]), "exit");
  const children = [child as ChildProcess];
  const start = (command: string[]) => {
    const started = spawn(
      "nsenter",
      [...enter, "setpriv", "--bounding-set=-all", "--", ...command],
      { cwd: "/", stdio: ["pipe", "pipe", "pipe"] },
    );
    children.push(started);
    return started;
  };
  return {
    pid,
    enterArguments,
    start,
    async run(command) {
      const started = start(command) as ChildProcess & { stdout: NodeJS.ReadableStream };
      const [[exitCode], stdout, stderr] = await Promise.all([
        once(started, "exit") as Promise<[number | null]>,
        text(started.stdout!),
        text(started.stderr!),
      ]);
      return { exitCode, stdout, stderr };
    },
    async [Symbol.asyncDispose]() {
      for (const each of children.toReversed()) {
        if (each.exitCode !== null || each.signalCode !== null) continue;
        const exited = once(each, "exit");
        each.kill("SIGKILL");
        await exited;
      }
    },
  };
}

/** What a namespace of a process is called: two processes share it exactly if they share the name. */
export async function namespaceName(pid: number, kind: "net" | "user"): Promise<string> {
  return readlink(`/proc/${pid}/ns/${kind}`);
}

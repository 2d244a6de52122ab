import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** A program of ours in a process of its own, which is killed when it is disposed of. */
export interface Program extends AsyncDisposable {
  readonly child: ChildProcess;
  /** What it prints until it ends. Fails with its stderr when it does not exit with 0. */
  output(): Promise<string>;
  /** Resolves when it has printed the text. */
  prints(text: string): Promise<string>;
  kill(): Promise<void>;
}

/** Starts `programs/<name>.ts` with the environment as it is now. */
export function startProgram(name: string, ...args: string[]): Program {
  const file = join(import.meta.dirname, "programs", `${name}.ts`);
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: "" },
  });
  const exited = once(child, "exit");
  const complaints = text(child.stderr);
  const all = text(child.stdout);
  let seen = "";
  child.stdout.on("data", (chunk: Buffer) => {
    seen += chunk.toString("utf8");
  });
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await exited;
  };
  return {
    child,
    kill,
    async output() {
      const [code] = (await exited) as [number | null];
      if (code !== 0) throw new Error(`${name} ended with ${code}:\n${await complaints}`);
      return all;
    },
    async prints(wanted) {
      while (!seen.includes(wanted)) {
        const more = await Promise.race([
          once(child.stdout, "data").then(() => true),
          exited.then(() => false),
        ]);
        if (!more && !seen.includes(wanted)) {
          throw new Error(`${name} ended without ${JSON.stringify(wanted)}:\n${await complaints}`);
        }
      }
      return seen;
    },
    [Symbol.asyncDispose]: kill,
  };
}

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { sealed } from "../../inherited-descriptors.ts";
import { type IdMap, writeIdMap } from "../machine/id-map.ts";
import { HOST_ENVIRONMENT } from "./session-programs.ts";
import { complaintOf, letGo, setUpFault } from "./set-up-child.ts";

/** A user and a network namespace, held by a process that ends with this one. */
export interface Cradle extends Disposable {
  pid: number;
  /** Calls once when it has ended, by itself or otherwise. */
  onEnd(call: () => void): void;
}

/** Without anything in it. Throws `isolation_unavailable` where the machine does not let us. */
export async function makeCradle(ids: IdMap): Promise<Cradle> {
  const holder = spawn("unshare", ["--user", "--net", "cat"], {
    env: HOST_ENVIRONMENT,
    stdio: sealed(["pipe", "pipe", "pipe"]),
  });
  try {
    // The echo tells that it is inside.
    holder.stdin?.on("error", () => undefined).write("\n");
    await firstOutput(holder, "a user namespace");
    await writeIdMap(holder.pid!, ids);
  } catch (error) {
    holder.kill("SIGKILL");
    throw error;
  }
  letGo(holder);
  return {
    pid: holder.pid!,
    onEnd: (call) => void holder.once("exit", call),
    [Symbol.dispose]: () => void holder.kill("SIGKILL"),
  };
}

async function firstOutput(child: ChildProcess, what: string): Promise<void> {
  const complaint = complaintOf(child);
  const ended = once(child, "exit").then(async () => {
    throw setUpFault(`${what} could not be made: ${await complaint()}`);
  });
  await Promise.race([once(child.stdout!, "data"), ended]);
  ended.catch(() => undefined); // It ends when it is told to, later.
}

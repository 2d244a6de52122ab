import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { sealed } from "../../inherited-descriptors.ts";
import { HOST_ENVIRONMENT } from "../session/session-programs.ts";

/**
 * Waits for the lock that the file stands for, without blocking this process, and takes it. Shell scripts lock
 * it by flock(1), too. It ends with this process, however that dies. Throws what flock says.
 */
export async function fileLock(file: string): Promise<Disposable> {
  const child = spawn("flock", [file, "sh", "-c", "echo locked && exec cat"], {
    env: HOST_ENVIRONMENT,
    stdio: sealed(["pipe", "pipe", "pipe"]),
  });
  const complaint = text(child.stderr!);
  const failed = once(child, "exit").then(async () => {
    throw new Error(`The lock ${file} could not be taken: ${(await complaint).trim()}`);
  });
  await Promise.race([once(child.stdout!, "data"), failed]);
  failed.catch(() => undefined); // It ends when the lock is given back.
  return { [Symbol.dispose]: () => void child.stdin!.end() };
}

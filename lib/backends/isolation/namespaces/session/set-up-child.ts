import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { SandboxError } from "../../../../contract/errors.ts";

/** What a program says on its stderr, once it has ended. */
export function complaintOf(child: ChildProcess): () => Promise<string> {
  let text = "";
  child.stderr!.on("data", (data: Buffer) => (text += data.toString()));
  const failed = once(child, "error").then(([error]: unknown[]) => String(error));
  failed.catch(() => undefined);
  const closed = once(child, "close").then(() => text.trim(), String);
  return () => Promise.race([closed, failed]);
}

export function setUpFault(reason: string): SandboxError {
  return new SandboxError(
    "isolation_unavailable",
    `A sandbox's namespaces could not be set up: ${reason}. \`sandlot doctor\` tells what this machine lacks.`,
  );
}

/** Neither it nor its pipes keep this process alive any longer. */
export function letGo(child: ChildProcess): void {
  child.unref();
  for (const stream of child.stdio) {
    if (stream && "unref" in stream) (stream as { unref(): void }).unref();
  }
}

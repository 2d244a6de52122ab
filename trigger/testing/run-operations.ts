import type { CommandRecord, OperationName, OperationPayloadInput } from "sandlot/contract";
import { type OperationRun, runOperation } from "../run-operation.ts";

/** What a test takes that may start worker processes: each of them takes a second of a processor's time. */
export const WORKERS_START_MS = 60_000;

/** A script of the sandbox's shell, as a payload. */
export const shell = (sandboxId: string, script: string) => ({
  sandboxId,
  cmd: "sh",
  args: ["-c", script],
});

/** A piece of a script that goes on when the file is there. */
export const waitFor = (path: string) => `while [ ! -e ${path} ]; do sleep 0.05; done`;

/** What the records say that a command wrote. */
export function text(records: CommandRecord[]): string {
  return records.map((record) => (record.type === "output" ? record.data : "")).join("");
}

/** What an operation's run gives; a failure fails the test with its sentence. */
export async function succeed<Name extends OperationName>(
  name: Name,
  payload: OperationPayloadInput<Name>,
): Promise<OperationRun<Name> & { result: { ok: true } }> {
  const run = await runOperation(name, payload);
  if (!run.result.ok) throw new Error(`${name}: ${run.result.error.message}`);
  return run as OperationRun<Name> & { result: { ok: true } };
}

/** A sandbox that is deleted when it is disposed of. */
export async function sandbox(sandboxId: string): Promise<AsyncDisposable & { sandboxId: string }> {
  await succeed("create-sandbox", { sandboxId });
  return {
    sandboxId,
    async [Symbol.asyncDispose]() {
      await succeed("stop-sandbox", { sandboxId, delete: true });
    },
  };
}

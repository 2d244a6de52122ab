import type {
  Experimental_SandboxProcess as SandboxProcess,
  Experimental_SandboxSpawnOptions as SpawnOptions,
  Experimental_WritableSandboxProcess as WritableSandboxProcess,
} from "@ai-sdk/provider-utils";
import { abortable } from "../std/abortable.ts";
import type { Command, Sandbox } from "../trigger-client/index.ts";
import { startWithStdin } from "../trigger-client/stdin-command.ts";

type OutputName = "stdout" | "stderr";

/** Starts a shell line. An abort kills it, and `wait()` rejects with the signal's reason then. */
export async function spawn(
  sandbox: Sandbox,
  options: SpawnOptions,
): Promise<SandboxProcess | WritableSandboxProcess> {
  const { command: line, workingDirectory, env, stdin, abortSignal: signal } = options;
  const request = {
    cmd: "bash",
    args: ["-c", line],
    ...(workingDirectory !== undefined && { cwd: workingDirectory }),
    ...(env && { env }),
    ...(signal && { signal }),
  };
  if (!stdin) return processOf(await sandbox.runCommand({ ...request, detached: true }), signal);
  const { command, write, end } = await startWithStdin(sandbox, request);
  return {
    ...processOf(command, signal),
    stdin: new WritableStream<Uint8Array>({ write, close: end, abort: end }),
  };
}

function processOf(command: Command, signal: AbortSignal | undefined): SandboxProcess {
  const kill = () => command.kill("SIGKILL");
  // Begun now, so that an abort is seen whether or not anybody waits.
  const ended = abortable(command.wait(), signal).then(
    ({ exitCode }) => ({ exitCode }),
    async (error: unknown) => {
      if (signal?.aborted) await kill();
      throw error;
    },
  );
  // Whoever waits is told.
  ended.catch(() => undefined);
  return {
    stdout: outputStream(command, "stdout", signal),
    stderr: outputStream(command, "stderr", signal),
    wait: () => ended,
    kill,
  };
}

/** One stream of the output, asked for when somebody reads it and no faster than it is read. Leaving it leaves the process alone. */
function outputStream(
  command: Command,
  name: OutputName,
  signal: AbortSignal | undefined,
): ReadableStream<Uint8Array> {
  const left = new AbortController();
  const encoder = new TextEncoder();
  let pieces: AsyncIterator<{ stream: string; data: string }> | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const ends = [left.signal, ...(signal ? [signal] : [])];
        pieces ??= command.logs({ signal: AbortSignal.any(ends) });
        for (;;) {
          const next = await pieces.next();
          if (next.done) return controller.close();
          const { stream, data } = next.value;
          if (stream === name && data !== "") return controller.enqueue(encoder.encode(data));
        }
      },
      cancel: (reason) => left.abort(reason),
    },
    // Nothing is fetched before it is wanted.
    { highWaterMark: 0 },
  );
}

import * as z from "zod";
import { LIMITS } from "../contract/limits.ts";
import { Command } from "./command.ts";
import { askEngine } from "./engine-call.ts";
import { Sandbox } from "./sandbox.ts";

const Started = z.object({ command: z.looseObject({ id: z.string() }) });

const NOT_IN_CLOUD =
  "A command with an open stdin was asked for, but the vendor's cloud has none: give the command its input in a file.";

/** A running command that reads what is written to it. */
export interface StdinCommand {
  command: Command;
  /** Resolves when the engine has taken the bytes; waits while the command does not read. */
  write(data: Uint8Array): Promise<void>;
  /** Ends the command's input. */
  end(): Promise<void>;
}

export interface StdinCommandRequest {
  cmd: string;
  args?: string[];
  cwd?: string;
  env?: Record<string, string>;
  signal?: AbortSignal;
}

/**
 * Starts a command whose stdin stays open, which the vendor's SDK has no word for. A sandbox that stopped is resumed
 * first. Throws `unsupported` in the vendor's cloud, before anything is started, and `APIError`.
 */
export async function startWithStdin(
  sandbox: Sandbox,
  { cmd, args = [], cwd, env = {}, signal }: StdinCommandRequest,
): Promise<StdinCommand> {
  const current = await Sandbox.get({
    name: sandbox.name,
    resume: true,
    ...(signal && { signal }),
  });
  const { sessionId } = current.currentSession();
  const post = (path: string, body: unknown, waiting?: AbortSignal) =>
    askEngine({ path, sessionId, body, notInCloud: NOT_IN_CLOUD, signal: waiting });
  const request = { command: cmd, args, env, attachStdin: true, ...(cwd !== undefined && { cwd }) };
  const answer = await post("cmd", request, signal);
  const { command } = Started.parse(await answer.json());
  const stdin = `cmd/${encodeURIComponent(command.id)}/stdin`;
  return {
    // The vendor's own shape of a command, as it came from its API's answer.
    command: new Command({ sessionId, cmd: command as CommandData }),
    async write(data) {
      for (let from = 0; from < data.length; from += LIMITS.stdinWriteBytes) {
        const piece = data.subarray(from, from + LIMITS.stdinWriteBytes);
        await post(stdin, { data: Buffer.from(piece).toString("base64") });
      }
    },
    end: async () => void (await post(stdin, { close: true })),
  };
}

type CommandData = ConstructorParameters<typeof Command>[0]["cmd"];

import { type Command, Sandbox } from "sandlot";
import { ERRAND } from "../../studio/contract/errand.ts";
import { commandOutput } from "./command-output.ts";
import { commandUnknown, sandboxGone } from "./not-found.ts";
import type { CommandStart, ProjectCommand, ProjectSandbox, Sandboxes } from "./project-sandbox.ts";
import { engineStatus } from "./tool-error.ts";

const NOT_FOUND = 404;

/** Sandboxes by the SDK's own calls, from this process. */
export const sdkSandboxes: Sandboxes = {
  async getOrCreate(request, { abortSignal }) {
    let existed = true;
    const sandbox = await Sandbox.getOrCreate({
      ...request,
      resume: true,
      onCreate: async () => {
        existed = false;
      },
      ...optionsOf(abortSignal),
    });
    const ports = request.ports.map((port) => ({ port, url: sandbox.domain(port) }));
    return { sandboxId: sandbox.name, existed, ports };
  },
  async open(name, { abortSignal }) {
    try {
      const sandbox = await Sandbox.get({ name, resume: true, ...optionsOf(abortSignal) });
      return new SdkSandbox(sandbox, abortSignal);
    } catch (error) {
      throw engineStatus(error) === NOT_FOUND ? sandboxGone(error) : error;
    }
  },
};

class SdkSandbox implements ProjectSandbox {
  readonly #sandbox: Sandbox;
  readonly #signal: AbortSignal | undefined;

  constructor(sandbox: Sandbox, signal: AbortSignal | undefined) {
    this.#sandbox = sandbox;
    this.#signal = signal;
  }

  get name(): string {
    return this.#sandbox.name;
  }

  async ports(): Promise<{ port: number; url: string }[]> {
    return this.#sandbox.routes.map(({ port }) => ({ port, url: this.#sandbox.domain(port) }));
  }

  async urlOf(port: number): Promise<string> {
    return this.#sandbox.domain(port);
  }

  readFile(path: string): Promise<AsyncIterable<string | Uint8Array> | null> {
    return this.#sandbox.readFile({ path }, optionsOf(this.#signal));
  }

  writeFiles(files: { path: string; content: Buffer | string }[]): Promise<void> {
    return this.#sandbox.writeFiles(files, optionsOf(this.#signal));
  }

  async runErrand(script: string, args: string[]): Promise<{ exitCode: number; stdout: string }> {
    const options = optionsOf(this.#signal);
    const command = await this.#sandbox.runCommand("sh", ["-c", script, ERRAND, ...args], options);
    return { exitCode: command.exitCode, stdout: await command.stdout(options) };
  }

  // Without the signal: no abort may leave a command behind of which nobody knows.
  async start({ cmd, args, cwd, timeoutMs }: CommandStart): Promise<ProjectCommand> {
    const limit = timeoutMs === undefined ? {} : { timeoutMs };
    const command = await this.#sandbox.runCommand({ cmd, args, cwd, detached: true, ...limit });
    return this.#known(command);
  }

  async command(cmdId: string): Promise<ProjectCommand> {
    try {
      return this.#known(await this.#sandbox.getCommand(cmdId, optionsOf(this.#signal)));
    } catch (error) {
      throw engineStatus(error) === NOT_FOUND ? commandUnknown(cmdId, error) : error;
    }
  }

  async stop(): Promise<void> {
    await this.#sandbox.stop(optionsOf(this.#signal));
  }

  #known(command: Command): ProjectCommand {
    let isRunning = command.exitCode === null;
    return {
      cmdId: command.cmdId,
      exitCode: command.exitCode,
      async wait(params) {
        const ended = await command.wait(params);
        isRunning = false;
        return ended;
      },
      kill: (signal) => command.kill(signal),
      output: (lines) => commandOutput(command, { signal: this.#signal, lines, isRunning }),
    };
  }
}

function optionsOf(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}

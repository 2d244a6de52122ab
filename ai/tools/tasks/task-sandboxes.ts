import { Readable } from "node:stream";
import { ERRAND } from "../../../studio/contract/errand.ts";
import { PROJECT_FOLDER } from "../../../studio/contract/limits.ts";
import type { AgentWorkspace } from "../../../studio/contract/agent.ts";
import { StudioError } from "../../../studio/contract/errors.ts";
import type {
  CommandStart,
  ProjectCommand,
  ProjectSandbox,
  Sandboxes,
} from "../project-sandbox.ts";
import { runTask } from "./run-task.ts";
import { commandByTask, startInBackground, startInTask, type TaskPlace } from "./task-commands.ts";

/** Sandboxes by tasks of Trigger.dev's: each call is a run, whose id the workspace is told. */
export function taskSandboxes(workspace: AgentWorkspace): Sandboxes {
  return {
    async getOrCreate({ name, timeout, ports, tags }, { toolCallId, abortSignal }) {
      const made = await runTask(
        "create-sandbox",
        { sandboxId: name, timeoutMs: timeout, ports, tags },
        { signal: abortSignal, onRun: (runId) => workspace.runStarted({ toolCallId, runId }) },
      );
      const reached = made.ports.flatMap(({ port, url }) => (url ? [{ port, url }] : []));
      return { sandboxId: made.sandboxId, existed: !made.created, ports: reached };
    },
    async open(name, { toolCallId, abortSignal }) {
      return new TaskSandbox({
        sandboxId: name,
        signal: abortSignal,
        onRun: (runId) => workspace.runStarted({ toolCallId, runId }),
      });
    },
  };
}

class TaskSandbox implements ProjectSandbox {
  readonly #place: TaskPlace;

  constructor(place: TaskPlace) {
    this.#place = place;
  }

  get name(): string {
    return this.#place.sandboxId;
  }

  async ports(): Promise<{ port: number; url?: string }[]> {
    const { ports } = await runTask("get-sandbox-status", this.#sandbox, this.#place);
    return ports.map(({ port, url }) => ({ port, ...(url !== undefined && { url }) }));
  }

  async urlOf(port: number): Promise<string> {
    return (await runTask("get-sandbox-url", { ...this.#sandbox, port }, this.#place)).url;
  }

  async readFile(path: string): Promise<AsyncIterable<Uint8Array> | null> {
    // What is no text must be seen to be none.
    const payload = { ...this.#sandbox, paths: [path], encoding: "base64" as const };
    const [file] = (await runTask("read-files", payload, this.#place)).files;
    if (file?.ok) return Readable.from([Buffer.from(file.content, "base64")]);
    if (!file || file.error.code === "file_not_found") return null;
    throw new StudioError("upstream", file.error.message);
  }

  async writeFiles(files: { path: string; content: Buffer | string }[]): Promise<void> {
    const texts = files.map(({ path, content }) => ({ path, content: content.toString() }));
    await runTask("write-files", { ...this.#sandbox, files: texts }, this.#place);
  }

  async runErrand(script: string, args: string[]): Promise<{ exitCode: number; stdout: string }> {
    let stdout = "";
    const { exitCode } = await runTask(
      "execute-command",
      {
        ...this.#sandbox,
        cmd: "sh",
        args: ["-c", script, ERRAND, ...args],
        cwd: PROJECT_FOLDER,
      },
      {
        ...this.#place,
        onOutput(record) {
          if (record.type === "output" && record.stream === "stdout") stdout += record.data;
        },
      },
    );
    return { exitCode: exitCode ?? 1, stdout };
  }

  start(command: CommandStart): Promise<ProjectCommand> {
    return command.background
      ? startInBackground(command, this.#place)
      : startInTask(command, this.#place);
  }

  command(cmdId: string): Promise<ProjectCommand> {
    return commandByTask(cmdId, this.#place);
  }

  async stop(): Promise<void> {
    await runTask("stop-sandbox", this.#sandbox, this.#place);
  }

  get #sandbox(): { sandboxId: string } {
    return { sandboxId: this.#place.sandboxId };
  }
}

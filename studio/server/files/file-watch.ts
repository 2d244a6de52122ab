import * as z from "zod";
import { ERRAND } from "../../contract/errand.ts";
import type { Background } from "../background.ts";
import type { ProjectEvents } from "../events/project-events.ts";
import { toStudioError } from "../http/to-studio-error.ts";
import type { ProjectStore } from "../projects/project-store.ts";
import { sandboxAsItIs } from "../sandboxes/find-sandbox.ts";
import { WATCH_SCRIPT } from "./watch-script.ts";

export interface FileWatchOptions {
  projects: ProjectStore;
  events: ProjectEvents;
  background: Background;
}

const Paths = z.array(z.string());
// Without Node in the sandbox, changes are told only by those whom the studio knows of: tools, the editor, commands.
const SCRIPT = 'command -v node >/dev/null || exit 69; exec node -e "$1"';

/** Tells of changed files, whoever changed them, in the projects that somebody has open. */
export class FileWatch implements Disposable {
  readonly #options: FileWatchOptions;
  readonly #holders = new Map<string, number>();
  readonly #running = new Map<string, AbortController>();

  constructor(options: FileWatchOptions) {
    this.#options = options;
  }

  /** Watches the project's files until the result is disposed of. */
  hold(projectId: string): Disposable {
    this.#holders.set(projectId, (this.#holders.get(projectId) ?? 0) + 1);
    this.ensure(projectId);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#holders.get(projectId) ?? 1) - 1;
        this.#holders.set(projectId, left);
        if (left > 0) return;
        this.#holders.delete(projectId);
        this.#running.get(projectId)?.abort();
      },
    };
  }

  /** The project's sandbox may run since now. */
  ensure(projectId: string): void {
    if (!this.#holders.has(projectId) || this.#running.has(projectId)) return;
    const left = new AbortController();
    this.#running.set(projectId, left);
    this.#options.background.run(async () => {
      try {
        await this.#watch(projectId, left.signal);
      } catch (error) {
        // The sandbox stopped, or the engine: it is tried again when it is back.
        if (toStudioError(error).code === "internal" && !left.signal.aborted) throw error;
      } finally {
        this.#running.delete(projectId);
      }
    });
  }

  [Symbol.dispose](): void {
    for (const left of this.#running.values()) left.abort();
    this.#holders.clear();
  }

  async #watch(projectId: string, signal: AbortSignal): Promise<void> {
    const { projects, events } = this.#options;
    const { sandboxId } = projects.get(projectId);
    if (sandboxId === undefined) return;
    const sandbox = await sandboxAsItIs(sandboxId, signal);
    if (sandbox.status !== "running") return;
    const command = await sandbox.runCommand({
      cmd: "sh",
      args: ["-c", SCRIPT, ERRAND, WATCH_SCRIPT],
      detached: true,
    });
    try {
      let rest = "";
      for await (const { stream, data } of command.logs({ signal })) {
        if (stream !== "stdout") continue;
        const lines = (rest + data).split("\n");
        rest = lines.pop() ?? "";
        for (const line of lines) {
          const paths = Paths.parse(JSON.parse(line));
          if (paths.length > 0) events.emit(projectId, { type: "files", paths });
        }
      }
    } finally {
      // It may have ended by itself, with its sandbox.
      await command.kill("SIGKILL").catch(() => undefined);
    }
  }
}

import type { CommandSummary } from "../../contract/command.ts";
import { STUDIO_LIMITS } from "../../contract/limits.ts";
import type { RuntimeProblem } from "../../contract/runtime-error.ts";
import type { Background } from "../background.ts";
import { isServer } from "../commands/command-watch.ts";
import { readLastLines } from "../commands/last-lines.ts";
import type { ProjectStore } from "../projects/project-store.ts";
import { sandboxAsItIs } from "../sandboxes/find-sandbox.ts";
import type { AutoFix } from "./auto-fix.ts";
import { problemOfEnd, watchErrors } from "./watch-errors.ts";

export interface ErrorWatchOptions {
  projects: ProjectStore;
  autoFix: AutoFix;
  background: Background;
}

/** Tells auto-fix of what goes wrong in the agent's servers: what they write, and how they end. */
export class ErrorWatch implements Disposable {
  readonly #projects: ProjectStore;
  readonly #autoFix: AutoFix;
  readonly #background: Background;
  readonly #closed = new AbortController();

  constructor({ projects, autoFix, background }: ErrorWatchOptions) {
    this.#projects = projects;
    this.#autoFix = autoFix;
    this.#background = background;
  }

  /** Reads along what a server writes, until it ends. */
  started(sandboxId: string, command: CommandSummary): void {
    if (!isServer(command)) return;
    const { signal } = this.#closed;
    const report = (problem: RuntimeProblem): void => {
      this.#background.run(() => this.#report(sandboxId, problem));
    };
    this.#background.run(() => watchErrors(sandboxId, command, { signal, report }));
  }

  /** A server that ended badly by itself is an error. */
  ended(sandboxId: string, command: CommandSummary, { wasKilled }: { wasKilled: boolean }): void {
    if (!isServer(command) || !command.exitCode || wasKilled) return;
    this.#background.run(() => this.#crashed(sandboxId, command));
  }

  [Symbol.dispose](): void {
    this.#closed.abort();
  }

  async #crashed(sandboxId: string, command: CommandSummary): Promise<void> {
    let lines: string[] = [];
    try {
      const sandbox = await sandboxAsItIs(sandboxId);
      lines = await readLastLines(sandbox, command.cmdId, STUDIO_LIMITS.errorLines);
    } catch {
      // The sandbox went, too: the exit code is all that is known.
    }
    await this.#report(sandboxId, problemOfEnd(command, lines));
  }

  async #report(sandboxId: string, problem: RuntimeProblem): Promise<void> {
    const project = this.#projects.ofSandbox(sandboxId);
    if (!project || this.#closed.signal.aborted) return;
    await this.#autoFix.report(project.id, [problem]);
  }
}

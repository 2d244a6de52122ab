import type { TemplateBuild } from "../../contract/template.ts";
import { messageOf } from "../../std/message-of.ts";
import { Settlement } from "../../std/settlement.ts";
import type { Log } from "../ports.ts";
import { BuildFailure, type BuildTask, type TemplateBuilder } from "./template-builder.ts";
import { BuildLog } from "./template-logs.ts";
import type { TemplateRecords } from "./template-records.ts";

export interface RunningBuildOptions {
  task: Omit<BuildTask, "say" | "signal">;
  /** Where the log is kept. */
  file: string;
  records: TemplateRecords;
  builder: TemplateBuilder;
  clock: { now(): number };
  log: Log;
}

/** A build on its way, with its log. */
export class RunningBuild {
  readonly log: BuildLog;
  /** To be resolved when it is recorded, and what it replaces is gone. */
  readonly ended = new Settlement<void>();
  readonly #options: RunningBuildOptions;
  readonly #cancelled = new AbortController();

  constructor(options: RunningBuildOptions) {
    this.#options = options;
    const { clock, file } = options;
    this.log = new BuildLog({ file, now: () => clock.now() });
  }

  /** To its end. Never rejects. */
  async run(): Promise<void> {
    const { task, records, builder } = this.#options;
    const { build } = task;
    const { signal } = this.#cancelled;
    try {
      const parts = await builder.build({ ...task, say: (line) => this.log.add(line), signal });
      this.log.add({ level: "info", message: "The template is ready.", step: "finalize" });
      await this.log.flush();
      records.finish({ ...build, ...parts, status: "ready" });
    } catch (error) {
      const failure = this.#explain(error);
      this.log.add({ level: "error", ...failure });
      await this.log.flush();
      this.#recordFailure(build, failure);
    }
    // Last: who has followed it to its end finds the build ended.
    this.log.close();
  }

  /** Ends it, as failed for this reason, and returns when nothing of it is left. */
  async cancel(reason: string): Promise<void> {
    this.#cancelled.abort(new BuildCancelled(reason));
    await this.ended.wait();
  }

  #recordFailure(build: TemplateBuild, error: NonNullable<TemplateBuild["error"]>): void {
    try {
      this.#options.records.finish({ ...build, status: "error", error });
    } catch (cause) {
      // The next engine finds it building, and says that it was cut short.
      const reason = messageOf(cause);
      this.#options.log.warn("the end of a build could not be recorded", {
        buildId: build.id,
        reason,
      });
    }
  }

  #explain(error: unknown): NonNullable<TemplateBuild["error"]> {
    if (error instanceof BuildCancelled) return { message: error.message };
    if (error instanceof BuildFailure) return { message: error.message, step: error.step };
    // What nobody thought of may name places on this machine.
    const reason = messageOf(error);
    this.#options.log.warn("a build failed within", {
      buildId: this.#options.task.build.id,
      reason,
    });
    return { message: "The engine failed while it was built; its log says more." };
  }
}

class BuildCancelled extends Error {
  override readonly name = "BuildCancelled";
}

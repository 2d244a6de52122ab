import type { Sandbox } from "sandlot";
import type {
  Checkpoint,
  CheckpointDiff,
  FileChange,
  RestoreAnswer,
} from "../../contract/checkpoint.ts";
import { StudioError } from "../../contract/errors.ts";
import { STUDIO_LIMITS } from "../../contract/limits.ts";
import type { ProjectEvents } from "../events/project-events.ts";
import type { ProjectStore } from "../projects/project-store.ts";
import { runningSandbox, sandboxIfThere } from "../sandboxes/find-sandbox.ts";
import { runQuietly } from "../sandboxes/run-quietly.ts";
import { BLOBS, CHANGES, NO_GIT, RESTORE, SAVE } from "./checkpoint-scripts.ts";
import type { CheckpointStore } from "./checkpoint-store.ts";
import { parseBlobs, parseChanges, type RawChange } from "./parse-changes.ts";

export interface CheckpointsOptions {
  projects: ProjectStore;
  events: ProjectEvents;
  store: CheckpointStore;
}

const TITLE_LENGTH = 80;
const NO_BLOB = /^0+$/;

/** Keeps the states of projects' files, and brings them back. One thing at a time in each project. */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  readonly #underway = new Map<string, Promise<unknown>>();

  constructor(options: CheckpointsOptions) {
    this.#options = options;
  }

  /**
   * Keeps the files as they are. Undefined when nothing changed since the last checkpoint, or there is nothing to
   * keep: no sandbox, or one that was deleted or does not run. Throws `upstream` when they cannot be kept.
   */
  save(
    projectId: string,
    about: { title: string; turnId?: string; messageId?: string },
  ): Promise<Checkpoint | undefined> {
    return this.#inOrder(projectId, async () => {
      const { sandboxId } = this.#options.projects.get(projectId);
      if (sandboxId === undefined) return undefined;
      const sandbox = await sandboxIfThere(sandboxId);
      if (sandbox?.status !== "running") return undefined;
      return this.#save(projectId, sandbox, about);
    });
  }

  /**
   * Makes the files those of a checkpoint. What was not kept yet is kept first. Throws `checkpoint_not_found`,
   * `no_sandbox`, or `upstream`.
   */
  restore(projectId: string, checkpointId: string): Promise<RestoreAnswer> {
    return this.#inOrder(projectId, async () => {
      const { store, events } = this.#options;
      const { commitId } = store.get(projectId, checkpointId);
      const sandbox = await this.#sandbox(projectId);
      const savedBefore = await this.#save(projectId, sandbox, { title: "Before going back" });
      await run(sandbox, RESTORE, [commitId]);
      const checkpoint = store.setCurrent(projectId, checkpointId);
      events.emit(projectId, { type: "files" });
      events.emit(projectId, { type: "checkpoints", checkpoints: store.list(projectId) });
      return { checkpoint, ...(savedBefore && { savedBefore }) };
    });
  }

  /** What a checkpoint's turn changed. Throws `checkpoint_not_found`, `no_sandbox`, or `upstream`. */
  async diff(projectId: string, checkpointId: string): Promise<CheckpointDiff> {
    const { commitId } = this.#options.store.get(projectId, checkpointId);
    const sandbox = await this.#sandbox(projectId);
    const changes = parseChanges((await runForBytes(sandbox, CHANGES, [commitId])).toString());
    const shown = changes.slice(0, STUDIO_LIMITS.diffFiles);
    const wanted = shown
      .filter(({ linesAdded }) => linesAdded !== undefined)
      .flatMap(({ beforeBlob, afterBlob }) => [beforeBlob, afterBlob])
      .filter((id) => !NO_BLOB.test(id));
    const blobs =
      wanted.length === 0
        ? new Map<string, Buffer>()
        : parseBlobs(
            await runForBytes(sandbox, BLOBS, [String(STUDIO_LIMITS.diffFileBytes), ...wanted]),
          );
    return {
      checkpointId,
      files: shown.map((change) => toFileChange(change, blobs)),
      truncated: changes.length > shown.length,
    };
  }

  async #save(
    projectId: string,
    sandbox: Sandbox,
    about: { title: string; turnId?: string; messageId?: string },
  ): Promise<Checkpoint | undefined> {
    const { store, events } = this.#options;
    const title = about.title.trim().split("\n", 1)[0]!.slice(0, TITLE_LENGTH) || "Changes";
    const output = await run(sandbox, SAVE, [title]);
    const [commitId, ...counts] = output.trimEnd().split("\n");
    if (!commitId) return undefined;
    const lines = counts.map((line) => line.split("\t"));
    const checkpoint = store.add({
      ...about,
      projectId,
      commitId,
      title,
      changedFiles: lines.length,
      linesAdded: sum(lines.map(([added]) => added)),
      linesRemoved: sum(lines.map(([, removed]) => removed)),
    });
    events.emit(projectId, { type: "checkpoints", checkpoints: store.list(projectId) });
    return checkpoint;
  }

  async #sandbox(projectId: string): Promise<Sandbox> {
    const { sandboxId } = this.#options.projects.get(projectId);
    if (sandboxId !== undefined) return runningSandbox(sandboxId);
    throw new StudioError(
      "no_sandbox",
      "This project has no sandbox, so there are no files to go back to. Ask the agent to build something.",
    );
  }

  // The repository has one index.
  #inOrder<Result>(projectId: string, work: () => Promise<Result>): Promise<Result> {
    const before = this.#underway.get(projectId) ?? Promise.resolve();
    const result = before.then(work, work);
    this.#underway.set(
      projectId,
      result.catch(() => undefined),
    ); // Its caller is told.
    return result;
  }
}

function sum(counts: readonly (string | undefined)[]): number {
  // Of what is no text git counts no lines, and writes a dash.
  return counts.reduce((total, count) => total + (Number(count) || 0), 0);
}

async function run(sandbox: Sandbox, script: string, args: readonly string[]): Promise<string> {
  const finished = await runQuietly(sandbox, script, { args });
  if (finished.exitCode === 0) return finished.stdout();
  const reason = (await finished.stderr()).trim().split("\n").at(-1) ?? "";
  throw new StudioError(
    "upstream",
    finished.exitCode === NO_GIT
      ? "The history needs git, which this sandbox does not have. Install git on this machine, then go on."
      : `The history could not be read or written: ${reason || `exit code ${finished.exitCode}`}.`,
  );
}

async function runForBytes(
  sandbox: Sandbox,
  script: string,
  args: readonly string[],
): Promise<Buffer> {
  return Buffer.from(await run(sandbox, script, args), "base64");
}

function toFileChange(change: RawChange, blobs: ReadonlyMap<string, Buffer>): FileChange {
  const { path, previousPath, status, beforeBlob, afterBlob, linesAdded, linesRemoved } = change;
  const before = textOf(beforeBlob, blobs);
  const after = textOf(afterBlob, blobs);
  // Both or none: half a comparison would look like a deletion.
  const isComplete = linesAdded !== undefined && before !== undefined && after !== undefined;
  return {
    path,
    status,
    ...(previousPath !== undefined && { previousPath }),
    linesAdded: linesAdded ?? 0,
    linesRemoved: linesRemoved ?? 0,
    ...(isComplete && { before, after }),
  };
}

function textOf(id: string, blobs: ReadonlyMap<string, Buffer>): string | undefined {
  return NO_BLOB.test(id) ? "" : blobs.get(id)?.toString("utf8");
}

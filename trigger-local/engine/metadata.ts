import { applyMetadataOperations, type UpdateMetadataRequestBody } from "@trigger.dev/core/v3";
import type { Run } from "../store/run.ts";
import type { Engine } from "./engine.ts";

/** Changes the metadata of a run, and of its parent and its root, which a run without them is itself. */
export function updateMetadata(engine: Engine, run: Run, update: UpdateMetadataRequestBody): void {
  if (update.metadata) {
    run.metadata = JSON.stringify(update.metadata);
    engine.runs.save(run);
  }
  change(engine, run, update.operations);
  change(engine, relative(engine, run, run.parentId), update.parentOperations);
  change(engine, relative(engine, run, run.rootId), update.rootOperations);
}

export function metadataOf(run: Run): Record<string, unknown> {
  return run.metadata === undefined ? {} : JSON.parse(run.metadata);
}

function relative(engine: Engine, run: Run, id: string | undefined): Run | undefined {
  return id === undefined ? run : engine.runs.find(id);
}

function change(
  engine: Engine,
  run: Run | undefined,
  operations: UpdateMetadataRequestBody["operations"],
): void {
  if (!run || !operations || operations.length === 0) return;
  const { newMetadata } = applyMetadataOperations(metadataOf(run), operations);
  run.metadata = JSON.stringify(newMetadata);
  engine.runs.save(run);
}

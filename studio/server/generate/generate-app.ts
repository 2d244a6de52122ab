import { StudioError } from "../../contract/errors.ts";
import type { GenerateEvent, GenerateRequest } from "../../contract/generate.ts";
import type { StudioChunk } from "../../contract/message.ts";
import { newId } from "../database/new-id.ts";
import { toStudioError } from "../http/to-studio-error.ts";
import type { Studio } from "../studio.ts";
import { GenerateProgress } from "./generate-progress.ts";

const NAME_LENGTH = 80;

/**
 * Builds an app from one prompt, telling what happens. What it made stays as a project of the studio when it succeeds.
 * When it fails, or the signal is aborted, the project is deleted with its sandbox. The last event
 * is `complete` or `error`.
 */
export async function* generateApp(
  studio: Studio,
  { prompt, modelId, type }: GenerateRequest,
  signal: AbortSignal,
): AsyncGenerator<GenerateEvent, void, void> {
  const project = studio.projects.create({
    name: prompt.split("\n", 1)[0]!.slice(0, NAME_LENGTH),
    type,
    approval: "auto",
    autoFix: false,
    modelId,
  });
  const progress = new GenerateProgress();
  let succeeded = false;
  try {
    yield progress.status("creating", "The project was created.");
    const chunks = await studio.turns.start(project.id, {
      cause: "user",
      message: { id: newId(), role: "user", parts: [{ type: "text", text: prompt }] },
    });
    for await (const chunk of untilAborted(chunks, signal)) yield* progress.take(chunk);
    signal.throwIfAborted();
    const { sandboxId, turn } = studio.projects.get(project.id);
    if (turn.ended !== "finished" || sandboxId === undefined) {
      throw new StudioError("upstream", progress.failure ?? NOTHING_BUILT);
    }
    succeeded = true;
    yield progress.status("complete", "The app is ready.");
    yield {
      event: "complete",
      data: {
        success: true,
        sandboxId,
        ...(progress.previewUrl !== undefined && { previewUrl: progress.previewUrl }),
        message: progress.text,
      },
    };
  } catch (error) {
    if (!signal.aborted) yield { event: "error", data: { message: toStudioError(error).message } };
  } finally {
    if (!succeeded) await studio.deleteProject(project.id);
  }
}

const NOTHING_BUILT =
  "The model answered without building anything. Ask for an app in plain words, or choose a model that can call tools.";

async function* untilAborted(
  chunks: AsyncGenerator<StudioChunk>,
  signal: AbortSignal,
): AsyncGenerator<StudioChunk, void, void> {
  const aborted = Promise.withResolvers<undefined>();
  const abort = (): void => aborted.resolve(undefined);
  signal.addEventListener("abort", abort, { once: true });
  try {
    while (!signal.aborted) {
      const next = await Promise.race([chunks.next(), aborted.promise]);
      if (!next || next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

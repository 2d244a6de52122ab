import type * as z from "zod";
import type { GenerateEvent, GenerateStatus } from "../../contract/generate.ts";
import type { StudioChunk } from "../../contract/message.ts";
import { TOOLS } from "../../contract/tools.ts";

type Status = z.output<typeof GenerateStatus>;

/** Turns the stream of a chat into the events of a single request. */
export class GenerateProgress {
  /** All that the model said. */
  text = "";
  previewUrl: string | undefined;
  /** What went wrong, if the turn said so. */
  failure: string | undefined;
  #status: Status | undefined;
  #sandboxId: string | undefined;
  readonly #pieces = new Map<string, string>();
  readonly #tools = new Map<string, string>();
  readonly #inputs = new Map<string, unknown>();

  status(status: Status, message: string): GenerateEvent {
    this.#status = status;
    return {
      event: "progress",
      data: {
        status,
        message,
        ...(this.#sandboxId !== undefined && { sandboxId: this.#sandboxId }),
        ...(this.previewUrl !== undefined && { previewUrl: this.previewUrl }),
      },
    };
  }

  /** The events that a piece of the chat's stream stands for. */
  *take(chunk: StudioChunk): Generator<GenerateEvent> {
    if (chunk.type === "text-delta" || chunk.type === "reasoning-delta") {
      const type = chunk.type === "text-delta" ? "text" : "reasoning";
      const content = (this.#pieces.get(chunk.id) ?? "") + chunk.delta;
      this.#pieces.set(chunk.id, content);
      if (type === "text") this.text += chunk.delta;
      yield { event: "message", data: { type, content, delta: chunk.delta } };
    } else if (chunk.type === "text-start") {
      this.#pieces.delete(chunk.id);
      if (this.text !== "") this.text += "\n\n";
      yield* this.#move("generating", "The model is writing.");
    } else if (chunk.type === "tool-input-available") {
      this.#tools.set(chunk.toolCallId, chunk.toolName);
      this.#inputs.set(chunk.toolCallId, chunk.input);
      yield* this.#begun(chunk.toolName, chunk.input);
    } else if (chunk.type === "tool-output-available" && !chunk.preliminary) {
      yield* this.#done(chunk.toolCallId, chunk.output);
    } else if (chunk.type === "data-notice" && chunk.data.level !== "info") {
      this.failure = chunk.data.text;
    }
  }

  *#begun(tool: string, input: unknown): Generator<GenerateEvent> {
    if (tool === "createSandbox") yield* this.#move("initializing", "The sandbox is starting.");
    if (tool === "generateFiles" || tool === "editFile") {
      yield* this.#move("writing", "Files are being written.");
    }
    const command = TOOLS.runCommand.input.safeParse(input).data;
    if (tool === "runCommand" && command?.background) {
      yield* this.#move("starting", `Starting: ${command.command}`);
    }
  }

  *#done(toolCallId: string, output: unknown): Generator<GenerateEvent> {
    const tool = this.#tools.get(toolCallId);
    if (tool === "createSandbox") {
      this.#sandboxId = TOOLS.createSandbox.output.safeParse(output).data?.sandboxId;
      yield this.status("initializing", "The sandbox is running.");
    } else if (tool === "generateFiles") {
      for (const { path, lines, created } of TOOLS.generateFiles.output.safeParse(output).data
        ?.files ?? []) {
        const action = created ? "create" : "replace";
        yield { event: "tool", data: { action, file: path, linesAdded: lines } };
      }
    } else if (tool === "editFile") {
      const edit = TOOLS.editFile.output.safeParse(output).data;
      if (edit) {
        const { path: file, linesAdded } = edit;
        yield { event: "tool", data: { action: "edit", file, linesAdded } };
      }
    } else if (tool === "runCommand") {
      const input = TOOLS.runCommand.input.safeParse(this.#inputs.get(toolCallId)).data;
      const file = input?.command ?? "";
      yield { event: "tool", data: { action: "run", file, linesAdded: 0 } };
    } else if (tool === "getSandboxUrl") {
      this.previewUrl = TOOLS.getSandboxUrl.output.safeParse(output).data?.url;
      yield this.status("preview", "The app can be opened.");
    }
  }

  *#move(status: Status, message: string): Generator<GenerateEvent> {
    if (this.#status !== status) yield this.status(status, message);
  }
}

import { APIError } from "sandlot";
import { SandboxError } from "sandlot/contract";
import { engineSentence } from "../../../ai/tools/tool-error.ts";
import { StudioError } from "../../contract/errors.ts";

const NOT_FOUND = 404;
const GONE = 410;
const REFUSED = 400;

/** Any failure as one with a code and a sentence; the engine's own sentences are kept. */
export function toStudioError(error: unknown): StudioError {
  if (error instanceof StudioError) return error;
  if (error instanceof APIError) return fromEngine(error);
  if (SandboxError.is(error)) {
    const code = error.code === "sandbox_not_found" ? "sandbox_not_found" : "upstream";
    return new StudioError(code, error.message, { cause: error });
  }
  return new StudioError(
    "internal",
    "Something in the studio went wrong. What it was stands in the studio's own output; try again.",
    { cause: error },
  );
}

function fromEngine(error: APIError<unknown>): StudioError {
  const { status } = error.response;
  const message = engineSentence(error) ?? `The sandbox engine answered with status ${status}.`;
  const code =
    status === NOT_FOUND
      ? "sandbox_not_found"
      : status === GONE
        ? "sandbox_stopped"
        : status === REFUSED
          ? "bad_request"
          : "upstream";
  return new StudioError(code, message, { cause: error });
}

import { APICallError, RetryError } from "ai";
import { StudioError } from "../../contract/errors.ts";

const UNAUTHORIZED = [401, 403];
const TOO_MANY = 429;
const SERVER_FAULT = 500;

/** What went wrong at a model, in a sentence with a next step and without keys or addresses of requests. */
export function describeModelFailure(error: unknown): string {
  if (error instanceof StudioError) return error.message;
  const cause = RetryError.isInstance(error) ? error.lastError : error;
  if (!APICallError.isInstance(cause)) {
    const reason = cause instanceof Error ? cause.message : "no reason was given";
    return `The model did not answer: ${reason}.`.replace(/\.\.$/, ".");
  }
  const { statusCode } = cause;
  if (statusCode === undefined) {
    return "The model's server could not be reached. See that it runs and that the network is there, then send the message again.";
  }
  if (UNAUTHORIZED.includes(statusCode)) {
    return "The model's provider refused the key. Check the key in the environment that the studio was started with.";
  }
  if (statusCode === TOO_MANY) {
    return "The model's provider says that there were too many requests, or that the credit is used up. Wait a moment, or choose another model.";
  }
  if (statusCode >= SERVER_FAULT) {
    return `The model's provider failed (status ${statusCode}). Send the message again, or choose another model.`;
  }
  return `The model's provider refused the request (status ${statusCode}): ${cause.message}`;
}

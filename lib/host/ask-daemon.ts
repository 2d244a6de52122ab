import { request } from "node:http";
import { text } from "node:stream/consumers";
import { SandboxError } from "../contract/errors.ts";
import { VersionAnswer } from "./host-answers.ts";

// A daemon answers these at once; one that does not is stuck.
const PATIENCE_MS = 10_000;

/** Nothing listens there, or what did is gone. */
const NOBODY = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE", "ENOTSOCK"]);

/** Whether a connection failed because nobody listens, so that nothing can have been done. */
export function isNobodyThere(error: unknown): boolean {
  return error instanceof Error && "code" in error && NOBODY.has(String(error.code));
}

/** One question about a daemon itself, outside of the faces. */
export async function askDaemon(
  socketPath: string,
  { method, path, body }: { method: "GET" | "POST"; path: string; body?: unknown },
): Promise<{ status: number; json: unknown }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; json: unknown }>();
  const asking = request({
    socketPath,
    method,
    path,
    // No pool: a question that opens its own connection leaves nothing behind.
    agent: false,
    headers: { host: "localhost", "content-type": "application/json" },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  asking.on("error", reject);
  asking.on("response", (response) => {
    text(response)
      .then((answer) => resolve({ status: response.statusCode ?? 0, json: JSON.parse(answer) }))
      .catch(reject);
  });
  asking.end(body === undefined ? undefined : JSON.stringify(body));
  try {
    return await promise;
  } catch (error) {
    if (isNobodyThere(error)) throw error;
    throw new SandboxError(
      "engine_unavailable",
      `The Sandlot daemon at ${socketPath} does not answer as it should. End its process (\`sandlot daemon status\` names it), then call again.`,
      { cause: error },
    );
  }
}

/** Who listens at the socket; undefined when nobody does. Throws `engine_unavailable` for one that is deaf. */
export async function askVersion(socketPath: string): Promise<VersionAnswer | undefined> {
  try {
    const { status, json } = await askDaemon(socketPath, {
      method: "GET",
      path: "/sandlot/version",
    });
    // It is ending.
    if (status === 503) return undefined;
    return VersionAnswer.parse(json);
  } catch (error) {
    if (isNobodyThere(error)) return undefined;
    throw error;
  }
}

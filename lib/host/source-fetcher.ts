import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { EnvHttpProxyAgent } from "undici";
import { SandboxError } from "../contract/errors.ts";
import type { Fetcher } from "../engine/ports.ts";
import { nativeFetch } from "./native-fetch.ts";

/** Fetches archives from the web and from this machine's files. */
export function sourceFetcher(): Fetcher {
  return {
    async fetch(address, { signal } = {}) {
      const url = URL.parse(address);
      if (url?.protocol === "file:") return readFile(url);
      if (url?.protocol === "http:" || url?.protocol === "https:") return download(url, signal);
      throw new SandboxError(
        "source_failed",
        `The source ${JSON.stringify(address)} cannot be fetched: its address must begin with https:, http: or file:.`,
      );
    },
  };
}

async function readFile(url: URL): Promise<Readable> {
  try {
    const path = fileURLToPath(url);
    const found = await stat(path);
    if (!found.isFile()) throw new Error("it is not a regular file");
    return createReadStream(path);
  } catch (error) {
    throw failed(url, error);
  }
}

async function download(url: URL, signal: AbortSignal | undefined): Promise<Readable> {
  // Node's fetch takes no notice of HTTP_PROXY and NO_PROXY by itself.
  const dispatcher = new EnvHttpProxyAgent();
  try {
    const response = await nativeFetch(url, { ...(signal && { signal }), dispatcher });
    if (!response.ok || !response.body) throw new Error(`it answered with status ${response.status}`);
    return Readable.fromWeb(response.body);
  } catch (error) {
    signal?.throwIfAborted();
    throw failed(url, error);
  }
}

function failed(url: URL, error: unknown): SandboxError {
  // Addresses may hold a signature or a password: those stay out of messages.
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SandboxError("source_failed", `The source ${shown} could not be fetched: ${reason}.`, {
    cause: error,
  });
}

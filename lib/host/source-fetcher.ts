import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { EnvHttpProxyAgent } from "undici";
import { SandboxError } from "../contract/errors.ts";
import type { Fetcher } from "../engine/ports.ts";
import { messageOf } from "../std/message-of.ts";
import { packRepository } from "./local-repository.ts";
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
        `A source cannot be fetched from ${url ? `an address with ${url.protocol}` : "what is no address"}: its address must begin with https:, http: or file:.`,
      );
    },
    async fetchRepository(address, { signal } = {}) {
      const url = URL.parse(address);
      return url?.protocol === "file:" ? packRepository(url, { signal }) : undefined;
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
    const { bare, headers } = withoutCredentials(url);
    const response = await nativeFetch(bare, { headers, ...(signal && { signal }), dispatcher });
    if (!response.ok || !response.body)
      throw new Error(`it answered with status ${response.status}`);
    return Readable.fromWeb(response.body);
  } catch (error) {
    signal?.throwIfAborted();
    throw failed(url, error);
  }
}

// Fetch refuses an address with a user and a password in it, and says them aloud.
function withoutCredentials(url: URL): { bare: URL; headers: Record<string, string> } {
  const bare = new URL(url);
  bare.username = "";
  bare.password = "";
  if (!url.username && !url.password) return { bare, headers: {} };
  const pair = `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`;
  return { bare, headers: { authorization: `Basic ${Buffer.from(pair).toString("base64")}` } };
}

function failed(url: URL, error: unknown): SandboxError {
  // Addresses may hold a signature or a password: those stay out of messages.
  const shown = `${url.protocol}//${url.host}${url.pathname}`;
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const reason = messageOf(cause);
  return new SandboxError("source_failed", `The source ${shown} could not be fetched: ${reason}.`, {
    cause: error,
  });
}

import type { FetchInit } from "./native-fetch.ts";

/** How requests reach an engine. It never keeps an idle program alive. */
export interface Transport {
  readonly kind: "embedded" | "daemon" | "http" | "vercel" | "trigger" | "e2b" | "daytona";
  /**
   * Sends a request to a path of the engine's, such as `/vercel/v2/sandboxes`. Opens or starts the engine
   * first if need be. Throws SandboxError when no engine can be had, and fetch's own errors otherwise.
   */
  fetch(path: string, init?: FetchInit): Promise<Response>;
  /** Where requests go, for people. */
  describe(): string;
  /** Lets go of what is held. The next request opens it again. */
  close(): Promise<void>;
}

/** The same answer, which says that it came from that URL: `fetch` alone can set it, and clients read ids from it. */
export function withUrl(response: Response, url: string): Response {
  Object.defineProperty(response, "url", { value: url, configurable: true });
  return response;
}

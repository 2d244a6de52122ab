import type { Platform } from "./context.ts";

/** Names of basins have 8 to 48 characters. */
const BASIN = "local-platform";
const FLUSH_INTERVAL_MS = 100;

/** Where and how a writer appends to a stream: the answer's headers tell it, as in the cloud. */
export function s2Headers({ keys, url }: Platform, stream: string): Record<string, string> {
  return {
    "x-s2-access-token": keys.secretKey,
    "x-s2-basin": BASIN,
    "x-s2-endpoint": `${url()}/v1`,
    "x-s2-stream-name": stream,
    "x-s2-flush-interval-ms": String(FLUSH_INTERVAL_MS),
    "x-s2-max-retries": "10",
  };
}

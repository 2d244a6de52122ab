/**
 * A request that must be refused, and how. In its path and headers `{sandbox}`, `{paused}`, `{template}`, `{build}`
 * and `{volume}` stand for ids of what is there, `{volumeToken}`, `{otherToken}` (another volume's) and
 * `{sandboxToken}` for tokens of it.
 */
export interface BadE2bRequest {
  why: string;
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "HEAD";
  path: string;
  /** Sent as JSON. */
  json?: unknown;
  /** Sent as it is. */
  raw?: string;
  headers?: Record<string, string>;
  status: number;
  /** What the message must say: the field, what is wrong, or what to do. */
  says: string;
}

type Refused = Omit<BadE2bRequest, "why" | "method" | "path" | "status" | "says">;

/** A request of one kind, refused for different reasons. */
export const refused =
  (method: BadE2bRequest["method"], path: string, status = 400) =>
  (why: string, given: Refused, says: string): BadE2bRequest => ({
    why,
    method,
    path,
    status,
    says,
    ...given,
  });

/** As many entries as that. */
export const entries = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, index) => [`k${index}`, "v"]));

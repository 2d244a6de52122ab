import type { IncomingMessage } from "node:http";
import type { FaceAt } from "./face-mounts.ts";
import { type ListenerName, type Refusal, refusal } from "./loopback-guard.ts";
import { requestHead } from "./request-head.ts";

/**
 * Why a request to a TCP listener is not served. Where it comes from is looked at for every path; who sends it may
 * be the face's to know.
 */
export function guardFace(
  request: IncomingMessage,
  at: FaceAt | undefined,
  own: ListenerName & { token: string },
): Refusal | undefined {
  const key = at?.mount.key;
  const refused = refusal(request.headers, { ...own, ...(key && { key }) });
  if (refused?.status === 401 && at?.face.admits?.(requestHead(request, at))) return undefined;
  return refused;
}

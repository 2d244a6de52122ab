import { createHash } from "node:crypto";
import type { Engine } from "../engine/engine.ts";
import type { FaceContext } from "../engine/face.ts";
import type { Clock, Log } from "../engine/ports.ts";
import { forwardRequest } from "../host/forward.ts";

/** What the host would give to a face, without a host: secrets that anybody knows, no preview. */
export function faceContext({
  engine,
  log,
  clock,
}: {
  engine: Engine;
  log: Log;
  clock: Clock;
}): FaceContext {
  return {
    engine,
    log,
    clock,
    publicUrl: ({ url }) => new URL(url).origin,
    secret: (purpose) => createHash("sha256").update(purpose).digest("hex"),
    forward: forwardRequest,
    async openPreview({ sandboxName, port }) {
      throw new Error(`no preview of port ${port} of ${sandboxName} here: there is no host`);
    },
  };
}

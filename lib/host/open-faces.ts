import type { Engine } from "../engine/engine.ts";
import type { Face, FaceContext } from "../engine/face.ts";
import type { Clock, Log } from "../engine/ports.ts";
import { daytonaFace } from "../faces/daytona/daytona-face.ts";
import { e2bFace } from "../faces/e2b/e2b-face.ts";
import { vercelFace } from "../faces/vercel/vercel-face.ts";
import { accessToken } from "./access-token.ts";
import {
  e2bApiKey,
  FACE_PREFIXES,
  type FaceMount,
  type FaceName,
  isSignedFileLink,
} from "./face-mounts.ts";
import { faceSecretOf } from "./face-secret.ts";
import { forwardRequest } from "./forward.ts";
import type { InteractiveServer } from "./interactive-server.ts";
import type { Previews } from "./previews.ts";

interface FaceParts {
  engine: Engine;
  log: Log;
  clock: Clock;
  /** The file that holds the state folder's token. */
  tokenFile: string;
  interactive: InteractiveServer;
  previews: Previews;
  /** What stands between the listeners and a face. */
  equip: (name: FaceName, face: Face) => Face;
}

/** Every face over the engine, at its place. */
export function openFaces(parts: FaceParts): FaceMount[] {
  const { engine, log, interactive, equip } = parts;
  const mount = (name: FaceName, face: Face, more: Partial<FaceMount> = {}): FaceMount => ({
    name,
    prefix: FACE_PREFIXES[name],
    face: equip(name, face),
    ...more,
  });
  const vercel = vercelFace({ engine, openInteractive: (id) => interactive.open(id), log });
  const secret = faceSecretOf(accessToken(parts.tokenFile));
  return [
    mount("vercel", vercel),
    mount("e2b", e2bFace(faceContext("e2b", parts)), {
      key: { header: "x-api-key", value: e2bApiKey(secret) },
      owns: isSignedFileLink,
    }),
    mount("daytona", daytonaFace(faceContext("daytona", parts))),
  ];
}

/** What the host gives to a face of the vendor's. */
function faceContext(
  name: FaceName,
  { engine, log, clock, tokenFile, previews }: FaceParts,
): FaceContext {
  return {
    engine,
    log,
    clock,
    publicUrl: ({ url }) => `${new URL(url).origin}${FACE_PREFIXES[name]}`,
    secret: faceSecretOf(accessToken(tokenFile)),
    forward: forwardRequest,
    openPreview: (request) => previews.open(name, request),
  };
}

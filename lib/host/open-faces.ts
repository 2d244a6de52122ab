import type { Engine } from "../engine/engine.ts";
import type { Face, FaceContext } from "../engine/face.ts";
import type { Clock, Log } from "../engine/ports.ts";
import { vercelFace, type VercelFaceOptions } from "../faces/vercel/vercel-face.ts";
import { MadeOnce } from "../std/made-once.ts";
import {
  e2bApiKey,
  FACE_PREFIXES,
  type FaceMount,
  type FaceName,
  isSignedFileLink,
} from "./face-mounts.ts";
import { forwardRequest } from "./forward.ts";
import type { InteractiveServer } from "./interactive-server.ts";
import type { Previews } from "./previews.ts";

interface FaceParts {
  engine: Engine;
  log: Log;
  clock: Clock;
  /** What the state folder's token says for a purpose. */
  secret: FaceContext["secret"];
  interactive: InteractiveServer;
  previews: Previews;
  /** What stands between the listeners and a face. */
  equip: (name: FaceName, face: Face) => Face;
}

/** Every face over the engine, at its place. `vercel` is there already: it is what all of Sandlot's own parts speak. */
export function openFaces(parts: FaceParts): { vercel: Face; mounts: FaceMount[] } {
  const { engine, log, secret, interactive, equip } = parts;
  const openInteractive: VercelFaceOptions["openInteractive"] = (id) => interactive.open(id);
  const vercel = equip("vercel", vercelFace({ engine, openInteractive, log }));
  const mount = (name: FaceName, open: () => Promise<Face>, more: Partial<FaceMount> = {}) => {
    const face = new MadeOnce(open);
    return { name, prefix: FACE_PREFIXES[name], load: () => face.get(), ...more };
  };
  const mounts = [
    mount("vercel", async () => vercel),
    mount(
      "e2b",
      async () => {
        const { e2bFace } = await import("../faces/e2b/e2b-face.ts");
        return equip("e2b", e2bFace(faceContext("e2b", parts)));
      },
      { key: { header: "x-api-key", value: e2bApiKey(secret) }, owns: isSignedFileLink },
    ),
    mount("daytona", async () => {
      const { daytonaFace } = await import("../faces/daytona/daytona-face.ts");
      return equip("daytona", daytonaFace(faceContext("daytona", parts)));
    }),
  ];
  return { vercel, mounts };
}

/** What the host gives to a face of the vendor's. */
function faceContext(
  name: FaceName,
  { engine, log, clock, secret, previews }: FaceParts,
): FaceContext {
  return {
    engine,
    log,
    clock,
    publicUrl: ({ url }) => `${new URL(url).origin}${FACE_PREFIXES[name]}`,
    secret,
    forward: forwardRequest,
    openPreview: (request) => previews.open(name, request),
  };
}

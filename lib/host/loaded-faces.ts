import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import type { Face } from "../engine/face.ts";
import { messageOf } from "../std/message-of.ts";
import { type FaceAt, type FaceMount, mountAt } from "./face-mounts.ts";
import { faultAnswer } from "./fault-answer.ts";

interface Loaded {
  face: Face;
  listener: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** The faces of one listener, each loaded by the first request to it. */
export class LoadedFaces {
  readonly #mounts: readonly FaceMount[];
  readonly #loaded = new Map<FaceMount, Loaded>();

  constructor(mounts: readonly FaceMount[]) {
    this.#mounts = mounts;
  }

  /** Goes on with the face that answers at the path, at once if it is loaded; with nothing at the host's own paths. */
  at(path: string, go: (at: (FaceAt & Loaded) | undefined) => void): void {
    const at = mountAt(this.#mounts, path);
    const loaded = at && this.#loaded.get(at.mount);
    if (!at) go(undefined);
    else if (loaded) go({ ...at, ...loaded });
    else void this.#load(at.mount).then((fresh) => go({ ...at, ...fresh })); // Never rejects.
  }

  async #load(mount: FaceMount): Promise<Loaded> {
    const face = await mount.load().catch((error: unknown) => brokenFace(mount, error));
    const listener = getRequestListener((request) => face.fetch(request), {
      hostname: "localhost",
    });
    const loaded = { face, listener };
    this.#loaded.set(mount, loaded);
    return loaded;
  }
}

// A damaged installation must not end a daemon that serves the other faces.
function brokenFace({ name }: FaceMount, error: unknown): Face {
  const reason = messageOf(error);
  const message = `The ${name} API cannot be loaded (${reason}). Install sandlot again, and end the daemon with \`sandlot daemon stop\`.`;
  return {
    fetch: async () => faultAnswer("internal", message),
  };
}

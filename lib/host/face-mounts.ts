import type { Face, FaceContext } from "../engine/face.ts";
import { VERCEL_PREFIX } from "./vercel-prefix.ts";

/** A face at its place. Each has a prefix of its own, because the vendors' paths collide. */
export interface FaceMount {
  readonly name: FaceName;
  /** Begins with a slash and has none at its end. */
  readonly prefix: string;
  /** Loads it at the first call: most engines are asked by one vendor's clients only. */
  readonly load: () => Promise<Face>;
  /** What this vendor's clients send in place of a bearer token. */
  readonly key?: { header: string; value: string };
  /** Paths of the listener's root that are this face's, too. */
  readonly owns?: (path: string) => boolean;
}

export type FaceName = keyof typeof FACE_PREFIXES;

export const FACE_PREFIXES = {
  vercel: VERCEL_PREFIX,
  e2b: "/e2b",
  daytona: "/daytona",
} as const;

/** The key that e2b's clients send: of the shape that their older versions insist on. */
export function e2bApiKey(secret: FaceContext["secret"]): string {
  return `e2b_${secret("e2b api key").slice(0, 40)}`;
}

/** Links that e2b's clients sign lose every prefix on the way, and have the signature in their query. */
export function isSignedFileLink(path: string): boolean {
  return path.startsWith("/files?") && /[?&]signature=/.test(path);
}

/** Where a path leads, and the prefix that the face's own paths lack. */
export interface MountedAt {
  mount: FaceMount;
  prefix: string;
}

/** The same with the face. */
export interface FaceAt extends MountedAt {
  face: Face;
}

/** Which face answers at a path of the listener's; undefined for the host's own paths. */
export function mountAt(mounts: readonly FaceMount[], path: string): MountedAt | undefined {
  for (const mount of mounts) {
    const { prefix } = mount;
    if (path.startsWith(prefix) && /^(?:$|[/?])/.test(path.slice(prefix.length))) {
      return { mount, prefix };
    }
    if (mount.owns?.(path)) return { mount, prefix: "" };
  }
  return undefined;
}

/** A path of the listener's as the face below the prefix knows it. */
export function pathBelow(prefix: string, path = "/"): string {
  const rest = path.slice(prefix.length);
  return rest.startsWith("/") ? rest : `/${rest}`;
}

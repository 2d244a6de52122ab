import type { RequestHead } from "../../engine/face.ts";

/** Below it, the toolbox of each sandbox: a server that the vendor runs inside. */
export const TOOLBOX = "/toolbox";

/** What of a sandbox's toolbox is asked for. */
export interface ToolboxPath {
  sandboxId: string;
  /** Begins with a slash. */
  path: string;
}

/** Undefined for paths of the API itself. */
export function toolboxPath({ url }: Pick<RequestHead, "url">): ToolboxPath | undefined {
  const match = /^\/toolbox\/([^/]+)(\/.*)$/.exec(new URL(url).pathname);
  const [, sandboxId, path] = match ?? [];
  if (sandboxId === undefined || path === undefined) return undefined;
  return { sandboxId: decodedPart(sandboxId), path };
}

/** A part of a path; as it stands when it is not well written, so that nothing is found by it. */
export function decodedPart(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Not an encoding: a name that nothing has.
    return part;
  }
}

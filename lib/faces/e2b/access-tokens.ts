import { createHmac } from "node:crypto";

/**
 * The tokens of what lives here, each for one thing only. They are derived, not kept: the same secret
 * gives the same tokens after a restart, and a sandbox of another face has one, too.
 */
export interface AccessTokens {
  /** Opens a sandbox's own services (`X-Access-Token`), and signs links to its files. */
  ofSandbox(sandboxId: string): string;
  /** Opens a sandbox's ports where the public may not reach them. */
  ofTraffic(sandboxId: string): string;
  /** Opens a volume's content. */
  ofVolume(volumeId: string): string;
  /** Takes one archive of a template's files. */
  ofUpload(templateId: string, hash: string): string;
}

export function accessTokens(secret: string): AccessTokens {
  // The kind and the length of each part are in what is signed, so that no two things share a token.
  const derive = (kind: string, ...parts: string[]) =>
    createHmac("sha256", secret)
      .update(JSON.stringify([kind, ...parts]))
      .digest("hex");
  return {
    ofSandbox: (sandboxId) => derive("e2b sandbox", sandboxId),
    ofTraffic: (sandboxId) => derive("e2b traffic", sandboxId),
    ofVolume: (volumeId) => derive("e2b volume", volumeId),
    ofUpload: (templateId, hash) => derive("e2b upload", templateId, hash),
  };
}

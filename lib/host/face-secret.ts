import { createHmac } from "node:crypto";
import type { FaceContext } from "../engine/face.ts";

/** What a folder's token says for a purpose: nobody learns the token, or another purpose's secret, from it. */
export function faceSecretOf(token: string): FaceContext["secret"] {
  return (purpose) => createHmac("sha256", token).update(`sandlot\0${purpose}`).digest("hex");
}

// Runs in the loader's own thread of Node before 22.15, for ES modules.
import type { LoadHook } from "node:module";
import { rewriteDomain } from "./rewrite-domain.ts";

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  const { source } = loaded;
  if (typeof source !== "string" && !(source instanceof Uint8Array)) return loaded;
  const rewritten = rewriteDomain(source);
  return rewritten === undefined ? loaded : { ...loaded, source: rewritten };
};

import { createRequire } from "node:module";

/** The version of the package that this file is part of. */
export function packageVersion(): string {
  // By the package's own name, because sources and built files lie at different depths.
  const { version } = createRequire(import.meta.url)("sandlot/package.json") as { version: string };
  return version;
}

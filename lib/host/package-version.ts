import { createRequire } from "node:module";
import * as z from "zod";

const PackageFile = z.object({ version: z.string() });

/** The version of the package that this file is part of. */
export function packageVersion(): string {
  // By the package's own name, because sources and built files lie at different depths.
  return PackageFile.parse(createRequire(import.meta.url)("sandlot/package.json")).version;
}

/**
 * The number of what a client and a daemon say to each other besides the vendor's API: the paths
 * under `/sandlot`, the prefix of each face. It grows when an older peer would misunderstand.
 */
export const PROTOCOL = 1;

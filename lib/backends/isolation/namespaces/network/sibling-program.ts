import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/** The file of a program that lies beside the module: sources run as they are, the package holds built files. */
export function siblingProgram(moduleUrl: string, name: string): string {
  return fileURLToPath(new URL(`./${name}${extname(moduleUrl)}`, moduleUrl));
}

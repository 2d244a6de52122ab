import type { Root } from "../engine/ports.ts";

/** The working directory of the isolation suite's sandboxes. */
export const HERE = "/vercel/sandbox";

/** Paths below the working directory, with what each is. */
export async function listed(root: Root, path = HERE, depth = 1): Promise<string[]> {
  const all = await root.files.list(path, { depth });
  return all.map((info) => `${info.path.slice(HERE.length + 1)} ${info.type}`);
}

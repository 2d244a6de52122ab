import { mkdir, symlink, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "./temporary-directory.ts";

const require = createRequire(import.meta.url);

/**
 * A project of somebody else's: a folder with the given files and packages. A package is named as the
 * project imports it, and as it is installed here.
 */
export async function programFolder({
  files,
  packages = {},
}: {
  files: Record<string, string>;
  packages?: Record<string, string>;
}): Promise<AsyncDisposable & { path: string; file(name: string): string }> {
  const directory = await temporaryDirectory();
  for (const [name, content] of Object.entries(files)) {
    const path = join(directory.path, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, content);
  }
  for (const [name, installed] of Object.entries(packages)) {
    const path = join(directory.path, "node_modules", name);
    await mkdir(dirname(path), { recursive: true });
    await symlink(packageRoot(installed), path, "dir");
  }
  return {
    path: directory.path,
    file: (name) => join(directory.path, name),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

function packageRoot(name: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    const file = join(folder, name, "package.json");
    try {
      return dirname(require.resolve(file));
    } catch {
      // It is installed further up.
    }
  }
  throw new Error(`${name} is not installed`);
}

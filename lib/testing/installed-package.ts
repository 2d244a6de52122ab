import { cp, glob, mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { createRequire, stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const SOURCES = fileURLToPath(new URL("../", import.meta.url));
const NOT_BUILT = /^(?:dist|node_modules|testing)\/|\.test\.ts$|\/fixtures\//;

/**
 * Installs this package, as it is built, below the directory, with links to what it imports, and gives its directory.
 * Types are all that a build takes out of the sources.
 */
export async function installPackage(directory: string): Promise<string> {
  const installed = join(directory, "node_modules", "sandlot");
  for await (const file of glob("**/*.ts", { cwd: SOURCES })) {
    if (NOT_BUILT.test(file)) continue;
    const built = join(installed, "dist", file.replace(/\.ts$/, ".js"));
    const text = stripTypeScriptTypes(await readFile(join(SOURCES, file), "utf8"));
    await mkdir(dirname(built), { recursive: true });
    await writeFile(
      built,
      text.replaceAll(/(?<=(?:from|import|import\() ?"\.[^"]*)\.ts(?=")/g, ".js"),
    );
  }
  await cp(join(SOURCES, "package.json"), join(installed, "package.json"));
  const { resolve } = createRequire(join(SOURCES, "package.json"));
  const { dependencies } = JSON.parse(await readFile(join(SOURCES, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const name of Object.keys(dependencies)) {
    const link = join(directory, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    for (const folder of resolve.paths(name) ?? []) {
      const real = join(folder, name);
      if (await readFile(join(real, "package.json")).then(Boolean, () => false)) {
        await symlink(real, link);
        break;
      }
    }
  }
  return installed;
}

import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
const PROGRAMS = join(import.meta.dirname, "programs");

/** Each dialect's program, and the vendor's package that it was written for. */
export const DIALECTS = {
  "3.x": { program: "dialect-3.mjs", vendor: "@vercel/sandbox" },
  "0.0.17": { program: "dialect-0.mjs", vendor: "vercel-sandbox-0.0.17" },
} as const;

export interface Project extends AsyncDisposable {
  readonly path: string;
  write(file: string, text: string): Promise<void>;
  /** Copies one of the programs, with its text changed if so asked. */
  add(program: string, change?: (text: string) => string): Promise<void>;
  /** Runs a script with Node and gives what it printed. Fails with its stderr. */
  node(...args: string[]): Promise<string>;
}

/** The library as it is published: packed, and unpacked into a folder. */
export async function packLibrary(): Promise<AsyncDisposable & { path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "sandlot-packed-"));
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", folder], {
    cwd: join(ROOT, "lib"),
  });
  const packed = JSON.parse(stdout) as
    | { filename: string }[]
    | Record<string, { filename: string }>;
  const [first] = Object.values(packed) as { filename: string }[];
  await run("tar", ["-xzf", first?.filename ?? "", "-C", folder], { cwd: folder });
  return {
    path: join(folder, "package"),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}

/**
 * A project of its own with these packages installed: what npm would put there, from folders of this
 * machine, so that it works offline. All other packages are those of this repository.
 */
export async function makeProject(packages: Record<string, string>): Promise<Project> {
  const path = await mkdtemp(join(tmpdir(), "sandlot-project-"));
  const modules = join(path, "node_modules");
  const given = new Set(["sandlot", "@vercel/sandbox", ...Object.keys(packages)]);
  for (const name of await packageNames(join(ROOT, "node_modules"))) {
    if (given.has(name)) continue;
    await mkdir(dirname(join(modules, name)), { recursive: true });
    await symlink(join(ROOT, "node_modules", name), join(modules, name));
  }
  for (const [name, source] of Object.entries(packages)) {
    await cp(source, join(modules, name), { recursive: true, verbatimSymlinks: false });
    // The library needs the vendor's package, which npm nests when the alias has taken its name.
    if ((await nameOf(source)) !== "sandlot") continue;
    const nested = join(modules, name, "node_modules/@vercel/sandbox");
    await cp(join(ROOT, "node_modules/@vercel/sandbox"), nested, { recursive: true });
  }
  await writeFile(join(path, "package.json"), '{ "name": "project", "private": true }\n');
  return {
    path,
    write: (file, text) => writeFile(join(path, file), text),
    async add(program, change = (text) => text) {
      const text = await readFile(join(PROGRAMS, program), "utf8");
      await writeFile(join(path, program), change(text));
    },
    async node(...args) {
      const env = { ...process.env, NODE_OPTIONS: "", VITEST: "" };
      const { stdout } = await run(process.execPath, args, { cwd: path, env, timeout: 60_000 });
      return stdout;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** A script that runs a program and prints what it returns. */
export function runner(program: string): string {
  return program.endsWith(".cjs")
    ? `require("./${program}").main().then(console.log);\n`
    : `import { main } from "./${program}";\nconsole.log(await main());\n`;
}

/** Where the vendor's package lies in this repository. */
export function vendorPackage(name: string): string {
  return join(ROOT, "node_modules", name);
}

async function packageNames(modules: string): Promise<string[]> {
  const entries = (await readdir(modules)).filter((name) => !name.startsWith("."));
  const names = await Promise.all(
    entries.map(async (name) =>
      name.startsWith("@")
        ? (await readdir(join(modules, name))).map((each) => `${name}/${each}`)
        : [name],
    ),
  );
  return names.flat();
}

async function nameOf(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
    name: string;
  };
  return manifest.name;
}

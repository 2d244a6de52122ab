import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { withTables } from "../scripts/readme-tables.ts";

const ROOT = join(import.meta.dirname, "..");
const BIN = join(ROOT, "node_modules/.bin");
const VITEST = join(ROOT, "node_modules/vitest/vitest.mjs");
const PAGES = ["README.md", "lib/README.md", "docs/ways-in.md", "docs/test-controls.md"];

interface Block {
  page: string;
  language: string;
  /** The name in `<!-- run: name -->` before the block. */
  run: string | undefined;
  code: string;
}

async function blocksOf(page: string): Promise<Block[]> {
  const text = await readFile(join(ROOT, page), "utf8");
  const found = text.matchAll(/(?:<!-- run: ([\w-]+) -->\s+)?^```(\w*)\n(.*?)^```$/gms);
  return Array.from(found, ([, run, language = "", code = ""]) => ({ page, run, language, code }));
}

const blocks = (await Promise.all(PAGES.map(blocksOf))).flat();
const inLanguage = (language: string) => blocks.filter((block) => block.language === language);

/** A folder with packages of its own choice, as a user's project has them, and a state folder. */
async function temporaryProject(
  packages: Record<string, string> = {},
): Promise<{ path: string; run: Runner } & AsyncDisposable> {
  const path = await mkdtemp(join(tmpdir(), "sandlot-project-"));
  const installed = {
    sandlot: "lib",
    "@vercel/sandbox": "node_modules/@vercel/sandbox",
    vitest: "node_modules/vitest",
    ...packages,
  };
  for (const [name, target] of Object.entries(installed)) {
    const link = join(path, "node_modules", name);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(ROOT, target), link);
  }
  await writeFile(join(path, "package.json"), '{ "type": "module" }');
  const run: Runner = (command, args) => runIn(path, { command, args });
  return {
    path,
    run,
    async [Symbol.asyncDispose]() {
      await run("sandlot", ["daemon", "stop", "--sandboxes"]);
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Puts a copy in the place of the link: vitest treats linked packages as code under test. */
async function installCopy(project: string): Promise<void> {
  const modules = join(project, "node_modules");
  await rm(join(modules, "sandlot"));
  for (const part of ["package.json", "dist"]) {
    await cp(join(ROOT, "lib", part), join(modules, "sandlot", part), { recursive: true });
  }
  for (const name of Object.keys(await dependenciesOfSandlot())) {
    const link = join(modules, name);
    await mkdir(dirname(link), { recursive: true });
    if (!existsSync(link)) await symlink(join(ROOT, "node_modules", name), link);
  }
}

/** Runs a program to its end; gives what it printed, and fails when its exit code is not 0. */
type Runner = (command: string, args: string[]) => Promise<string>;

async function runIn(
  cwd: string,
  { command, args }: { command: string; args: string[] },
): Promise<string> {
  const child = spawn(command, args, {
    cwd,
    env: {
      PATH: [BIN, process.env["PATH"]].join(delimiter),
      HOME: cwd,
      SANDLOT_HOME: join(cwd, "state"),
      NO_COLOR: "1",
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (data: string) => (output += data));
  }
  const [exitCode] = (await once(child, "close")) as [number | null];
  if (exitCode !== 0) throw new Error(`${command} ended with ${exitCode}:\n${output}`);
  return output;
}

const programOf = (name: string) => {
  const block = blocks.find(({ run }) => run === name);
  if (!block) throw new Error(`no page has a block "${name}"`);
  return block.code;
};

test("every block of code is of a kind that is run or compared here", () => {
  const unknown = blocks.filter(({ language, run }) =>
    language === "ts" || language === "json"
      ? run === undefined && language === "ts"
      : language !== "sh",
  );
  expect(unknown).toEqual([]);
  expect(blocks.length).toBeGreaterThan(10);
});

test("way 1: the program that imports the vendor's package runs with the preload", async () => {
  await using project = await temporaryProject();
  await writeFile(join(project.path, "app.ts"), programOf("way-1"));
  const output = await project.run("node", ["--import", "sandlot/register", "app.ts"]);
  expect(output).toMatch(/^v\d+\.\d+\.\d+\n http:\/\/localhost:\d+\n$/);
});

test("way 2: the same program runs with the alias alone, which this version satisfies", async () => {
  const alias = `npm:sandlot@^${await packageVersion()}`;
  const named = inLanguage("json").map(({ code }) => JSON.parse(code) as unknown);
  expect(named.length).toBeGreaterThan(0);
  for (const each of named) expect(each).toEqual({ dependencies: { "@vercel/sandbox": alias } });
  // What npm makes of such an alias: the one package under the other's name.
  await using project = await temporaryProject({ "@vercel/sandbox": "lib" });
  await writeFile(join(project.path, "app.ts"), programOf("way-1"));
  const output = await project.run("node", ["app.ts"]);
  expect(output).toMatch(/^v\d+\.\d+\.\d+\n http:\/\/localhost:\d+\n$/);
});

test("way 3: the test set-up runs unchanged code against an installed Sandlot", async () => {
  await using project = await temporaryProject();
  await installCopy(project.path);
  await writeFile(join(project.path, "vitest.config.ts"), programOf("way-3"));
  for (const file of ["run-script.ts", "run-script.test.ts"]) {
    await cp(join(ROOT, "examples/vitest-example", file), join(project.path, file));
  }
  const output = await project.run("node", [VITEST, "run", "--root", project.path]);
  expect(output).toMatch(/Tests\s+2 passed/);
});

test("way 3: vi.mock in one file works, too", async () => {
  await using project = await temporaryProject();
  await writeFile(join(project.path, "one.test.ts"), programOf("vi-mock"));
  const output = await project.run("node", [VITEST, "run", "--root", project.path]);
  expect(output).toMatch(/Tests\s+1 passed/);
});

test("way 4: the program that imports sandlot runs", async () => {
  await using project = await temporaryProject();
  await writeFile(join(project.path, "app.ts"), programOf("way-4"));
  expect(await project.run("node", ["app.ts"])).toBe("hello\n");
});

test.each(
  blocks.filter(({ run, language }) => language === "ts" && !/^(way-|vi-mock)/.test(run ?? "")),
)("the program `$run` of $page runs", async ({ code }) => {
  await using project = await temporaryProject();
  await writeFile(join(project.path, "app.ts"), code);
  expect(await project.run("node", ["app.ts"])).not.toBe("");
});

const NEEDS_A_REGISTRY = /^npm (?:ci|install)\b/;

test.each(inLanguage("sh").map(({ code, page }) => ({ code: code.trim(), page })))(
  "$page: $code",
  async ({ code }) => {
    if (NEEDS_A_REGISTRY.test(code)) {
      // What follows the installation must be a script of this repository.
      const manifest = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8")) as {
        scripts: Record<string, string>;
      };
      for (const [, name = ""] of code.matchAll(/npm (?:run )?(demo|test|check|bench)\b/g)) {
        expect(Object.keys(manifest.scripts)).toContain(name);
      }
      return;
    }
    await using project = await temporaryProject();
    await writeFile(join(project.path, "app.js"), programOf("way-1"));
    const script = `set -e\n${/npx sandbox/.test(code) ? 'eval "$(sandlot env --shell bash)"\n' : ""}${code}`;
    await project.run("bash", ["-c", script.replaceAll("npx ", "")]);
  },
);

test("the tables say what the code says (node scripts/readme-tables.ts)", async () => {
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  expect(withTables(readme)).toBe(readme);
});

test.each([...PAGES, "DEPLOYMENT.md", "TRIGGER_INTEGRATION.md", "INTEGRATION_SUMMARY.md"])(
  "the links of %s lead to files that are there",
  async (page) => {
    const text = await readFile(join(ROOT, page), "utf8");
    const broken = Array.from(text.matchAll(/\]\(([^)\s]+)\)/g), ([, target = ""]) => target)
      .filter((target) => !/^(?:https?:|#)/.test(target))
      .filter((target) => !existsSync(join(ROOT, dirname(page), target.split("#")[0]!)));
    expect(broken).toEqual([]);
  },
);

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
}

async function manifestOfSandlot(): Promise<Manifest> {
  return JSON.parse(await readFile(join(ROOT, "lib/package.json"), "utf8")) as Manifest;
}

async function packageVersion(): Promise<string> {
  return (await manifestOfSandlot()).version;
}

async function dependenciesOfSandlot(): Promise<Record<string, string>> {
  return (await manifestOfSandlot()).dependencies;
}

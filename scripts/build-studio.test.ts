import { chmod, mkdir, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  callingProgram,
  runAsOrdinaryUser,
  whyNoOrdinaryUser,
} from "../lib/testing/ordinary-user.ts";
import { temporaryDirectory } from "../lib/testing/temporary-directory.ts";
import { buildIfStale, type Part } from "./build-studio.ts";
import { StartError } from "./start-error.ts";

const noUser = whyNoOrdinaryUser();

/** A project whose builder runs these lines, and what its builds say. */
async function project(lines: string) {
  const directory = await temporaryDirectory();
  const root = directory.path;
  await mkdir(join(root, "src/dist"), { recursive: true });
  await writeFile(join(root, "src/page.ts"), "");
  const part: Part = {
    title: "the page",
    duration: "a moment",
    output: "out",
    mark: "out/mark",
    sources: ["src/**/*.ts"],
    program: ["--eval", lines],
  };
  const said: string[] = [];
  return {
    root,
    part,
    said,
    build: (signal = new AbortController().signal) =>
      buildIfStale(root, part, { signal, say: (line) => said.push(line.replace(/\d+ s/, "N s")) }),
    /** Makes the file as if it had just been changed, later than any build. */
    async change(path: string) {
      const later = new Date(Date.now() + 60_000);
      await writeFile(join(root, path), "");
      await utimes(join(root, path), later, later);
    },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

const MARKS = `const fs = require("node:fs"); fs.mkdirSync("out", { recursive: true });
  console.log("much that nobody reads"); fs.writeFileSync("out/mark", process.env.NODE_ENV);`;

test("builds what is not built, and again when a source has changed", async () => {
  await using page = await project(MARKS);
  const built = ["Building the page, which takes a moment …", "Built the page in N s."];
  await page.build();
  expect(page.said).toEqual(built);
  await page.build();
  expect(page.said).toEqual(built);
  await page.change("src/page.ts");
  await page.build();
  expect(page.said).toEqual([...built, ...built]);
});

test("tests, and what was built into the folder of the sources, are no sources", async () => {
  await using page = await project(MARKS);
  await page.build();
  await page.change("src/page.test.ts");
  await page.change("src/dist/page.ts");
  await page.build();
  expect(page.said).toHaveLength(2);
});

test("a build that fails says why, with all that the builder said", async () => {
  await using page = await project(
    `console.log("one line"); console.error("page.ts:1 is wrong"); process.exit(3);`,
  );
  const failure = page.build();
  await expect(failure).rejects.toBeInstanceOf(StartError);
  await expect(failure).rejects.toThrow(
    /^one line\npage\.ts:1 is wrong\n\nThe build of the page failed; what is wrong stands above\. If packages are missing, run npm ci\.$/,
  );
});

test("an abort ends the builder", async () => {
  // It ends by a signal only, and holds its output open as long as it lives.
  await using page = await project("setInterval(() => undefined, 2 ** 30);");
  const stop = new AbortController();
  const building = page.build(stop.signal);
  stop.abort(new Error("enough"));
  await expect(building).rejects.toThrow("enough");
});

test.skipIf(noUser)(
  `a folder that cannot be written is named before the build${noUser ? ` (skipped: ${noUser})` : ""}`,
  async () => {
    await using page = await project(MARKS);
    await chmod(page.root, 0o755);
    const call = callingProgram(
      new URL("build-studio.ts", import.meta.url),
      "buildIfStale",
      page.root,
      page.part,
      {},
    );
    const { exitCode, stderr } = await runAsOrdinaryUser(call);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `The page must be built before it can start, but ${page.root} cannot be written by you. Let its owner run "npm run build && npm run build:studio" once, or make a copy of the project that is yours.`,
    );
  },
);

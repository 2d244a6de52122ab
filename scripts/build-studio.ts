import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants, existsSync, globSync, statSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { StartError } from "./start-error.ts";

/** Something that is built from sources, and stays until they change. */
export interface Part {
  title: string;
  /** What the person who waits is told. */
  duration: string;
  /** The folder that it is written to. */
  output: string;
  /** The file that a build writes when it is through. */
  mark: string;
  /** Where its sources are. */
  sources: readonly string[];
  /** The program and its arguments, for Node. */
  program: readonly string[];
}

export const LIBRARY: Part = {
  title: "the library",
  duration: "some seconds",
  output: "lib/dist",
  mark: "lib/dist/trigger-client/index.js",
  sources: ["lib/**/*.ts", "lib/package.json", "lib/tsconfig.build.json", "tsconfig.base.json"],
  program: ["node_modules/typescript/bin/tsc", "-p", "lib/tsconfig.build.json"],
};

export const STUDIO: Part = {
  title: "the studio",
  duration: "half a minute or so",
  output: ".next",
  mark: ".next/BUILD_ID",
  sources: [
    "{app,components,ai,studio}/**/*.{ts,tsx,css,svg}",
    // Of the library only the words are bundled; the rest is loaded as it was built.
    "lib/contract/**/*.ts",
    "{next.config,proxy}.ts",
    "postcss.config.mjs",
    "package.json",
    "package-lock.json",
  ],
  program: ["node_modules/next/dist/bin/next", "build"],
};

/** Whether a source of the part is newer than its last build, or there was none. */
export function isStale(root: string, { mark, sources }: Pick<Part, "mark" | "sources">): boolean {
  const markFile = join(root, mark);
  if (!existsSync(markFile)) return true;
  const builtAt = statSync(markFile).mtimeMs;
  const exclude = (name: string): boolean => name === "node_modules" || name === "dist";
  return globSync([...sources], { cwd: root, exclude })
    .filter((file) => !/\.test\.tsx?$/.test(file))
    .some((file) => statSync(join(root, file)).mtimeMs > builtAt);
}

/**
 * Builds the part where its sources have changed. What the builder says is shown only when it fails: a StartError holds it
 * then. An abort ends the builder and throws the signal's reason.
 */
export async function buildIfStale(
  root: string,
  part: Part,
  { signal, say }: { signal: AbortSignal; say: (line: string) => void },
): Promise<void> {
  if (!isStale(root, part)) return;
  refuseReadOnly(root, part);
  say(`Building ${part.title}, which takes ${part.duration} …`);
  const begun = performance.now();
  const builder = spawn(process.execPath, part.program, {
    cwd: root,
    env: { ...process.env, NODE_ENV: "production", NEXT_TELEMETRY_DISABLED: "1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stop = (): void => void builder.kill("SIGTERM");
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  try {
    const [out, err, [code]] = await Promise.all([
      text(builder.stdout),
      text(builder.stderr),
      once(builder, "exit") as Promise<[number | null]>,
    ]);
    signal.throwIfAborted();
    if (code !== 0) {
      throw new StartError(
        `${out}${err}\nThe build of ${part.title} failed; what is wrong stands above. If packages are missing, run npm ci.`,
      );
    }
  } finally {
    signal.removeEventListener("abort", stop);
  }
  say(`Built ${part.title} in ${((performance.now() - begun) / 1_000).toFixed(0)} s.`);
}

/** A builder that cannot write says so in its own words, after half a minute. */
function refuseReadOnly(root: string, { title, output }: Part): void {
  const folder = join(root, output);
  const place = existsSync(folder) ? folder : join(folder, "..");
  try {
    accessSync(place, constants.W_OK);
  } catch (cause) {
    throw new StartError(
      `${title[0]?.toUpperCase()}${title.slice(1)} must be built before it can start, but ${place} cannot be written by you. Let its owner run "npm run build && npm run build:studio" once, or make a copy of the project that is yours.`,
      { cause },
    );
  }
}

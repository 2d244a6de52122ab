import { spawnSync } from "node:child_process";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBrowser, type TestBrowser } from "../../studio/browser/testing/open-browser.ts";
import { startStudio } from "../../studio/browser/testing/start-studio.ts";
import { both, type Measure, type Row } from "../measure.ts";
import { LEAST_SERVER, startServer } from "../raw-server.ts";
import { interleave, type Summary, summarize } from "../statistics.ts";

const ROOT = join(import.meta.dirname, "../..");
/** What a fresh checkout does not have after `npm ci`. */
const NOT_COPIED = new Set([".git", ".next", "next-env.d.ts", "node_modules", "screenshots"]);

/**
 * From the start of the program until the first page has all that it shows, in a real browser: of a studio that was
 * built before, and of one in a fresh checkout, which builds the library and itself.
 */
export const studioStart: Measure = {
  name: "studio-start",
  async run({ quick }) {
    await using browser = await openBrowser();
    // It may have to be built.
    await (await startStudio())[Symbol.asyncDispose]();
    const addressMs: number[] = [];
    const { built, raw } = await interleave(
      {
        async built() {
          const found = await start(browser);
          addressMs.push(found.addressMs);
          return found.totalMs;
        },
        async raw() {
          const begun = performance.now();
          await using server = await startServer(LEAST_SERVER, { cwd: ROOT });
          await server.page();
          return performance.now() - begun;
        },
      },
      { rounds: quick ? 2 : 6 },
    );
    const fresh: number[] = [];
    for (let round = 0; round < (quick ? 1 : 2); round++) fresh.push(await firstStart(browser));
    return [builtRow({ built, raw, address: summarize(addressMs) }), firstRow(summarize(fresh))];
  },
};

async function start(
  browser: TestBrowser,
  root = ROOT,
): Promise<{ addressMs: number; totalMs: number }> {
  const begun = performance.now();
  await using running = await startStudio({ root });
  const addressMs = performance.now() - begun;
  const { page } = await browser.open(running.url);
  // It comes last, by the page's own scripts.
  await page.getByText("Demo").first().waitFor();
  const totalMs = performance.now() - begun;
  await page.context().close();
  return { addressMs, totalMs };
}

/** In a checkout of its own, in which nothing has been built. */
async function firstStart(browser: TestBrowser): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), "sandlot-first-start-"));
  try {
    const entries = (await readdir(ROOT)).filter((name) => !NOT_COPIED.has(name));
    copy(["-a", ...entries, folder]);
    await rm(join(folder, "lib/dist"), { recursive: true, force: true });
    // Packages are only read, so names of the same files are enough; across file systems there are none.
    const { dev } = await stat(folder);
    copy([dev === (await stat(ROOT)).dev ? "-al" : "-a", "node_modules", folder]);
    return (await start(browser, folder)).totalMs;
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function copy(args: string[]): void {
  const { status, stderr } = spawnSync("cp", args, { cwd: ROOT, encoding: "utf8" });
  if (status !== 0) throw new Error(`cp ${args.join(" ")} failed: ${stderr}`);
}

function builtRow({ built, raw, address }: Record<"built" | "raw" | "address", Summary>): Row {
  return {
    what: "studio: start, built before → first page complete in a browser",
    baseline: `the least Node server → its page: ${both(raw)}`,
    goal: "–",
    result: `${both(built)}; of it until it tells its address ${both(address)}`,
    numbers: { built, raw, address },
  };
}

function firstRow(fresh: Summary): Row {
  return {
    what: "studio: first start after npm ci, with the build of library and studio",
    baseline: "–",
    goal: "–",
    result: `${(fresh.p50 / 1_000).toFixed(1)} s (at most ${(fresh.max / 1_000).toFixed(1)} s)`,
    numbers: { fresh },
  };
}

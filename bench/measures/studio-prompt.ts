import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pageFile } from "../../ai/demo/apps/bakery/page-file.ts";
import { serverFile } from "../../ai/demo/apps/bakery/server-file.ts";
import { stylesFile } from "../../ai/demo/apps/bakery/styles-file.ts";
import { openBrowser, type TestBrowser } from "../../studio/browser/testing/open-browser.ts";
import { type RunningStudio, startStudio } from "../../studio/browser/testing/start-studio.ts";
import { StudioPage } from "../../studio/browser/testing/studio-page.ts";
import type { ProjectDetail } from "../../studio/contract/project.ts";
import type { SamplePrompt } from "../../studio/contract/sample-prompts.ts";
import { milliseconds, type Bench, type Measure, type Row } from "../measure.ts";
import { startServer } from "../raw-server.ts";
import { type Summary, summarize } from "../statistics.ts";

const STATIC_GOAL_MS = 5_000;
const VITE_GOAL_MS = 15_000;
const VITE_PATIENCE_MS = 120_000;
const FILES = [pageFile, stylesFile, serverFile];

/** Where the time of one click goes, in milliseconds; in this order. */
const STEPS = ["begin", "create", "write", "install", "start", "port up", "page", "words"] as const;
type Step = (typeof STEPS)[number];

/** Which step each of the agent's tools is. */
const STEP_OF_TOOL: Readonly<Record<string, Step>> = {
  createSandbox: "create",
  generateFiles: "write",
  getSandboxUrl: "port up",
};

interface Built {
  /** From the click until the app can be seen in the preview. */
  totalMs: number;
  steps: Partial<Record<Step, number>>;
}

/**
 * From a click on a sample to its app in the preview of a real browser, with the built-in demo as the model: a studio
 * that has just begun, whose daemon does not run yet, and one that has built before.
 */
export const studioPrompt: Measure = {
  name: "studio-prompt",
  async run({ directory, quick }) {
    await using browser = await openBrowser();
    const first: Built[] = [];
    const later: Built[] = [];
    const vite: Built[] = [];
    const raw: number[] = [];
    for (let studio = 0; studio < (quick ? 1 : 3); studio++) {
      await using running = await startStudio();
      first.push(await build(browser, running, "static-page"));
      for (let again = 0; again < (quick ? 2 : 5); again++) {
        raw.push(await rawServer(directory));
        later.push(await build(browser, running, "static-page"));
      }
      vite.push(await build(browser, running, "vite-react"));
    }
    return [
      promptRow("static page, the first of a studio", { built: first, goalMs: STATIC_GOAL_MS }),
      promptRow("static page, once it has built before", {
        built: later,
        goalMs: STATIC_GOAL_MS,
        raw: summarize(raw),
      }),
      promptRow("Vite and React, with npm install", { built: vite, goalMs: VITE_GOAL_MS }),
    ];
  },
};

/** One click in a fresh window, and what the studio noted of the tools' times. */
async function build(
  browser: TestBrowser,
  { url }: RunningStudio,
  sample: Exclude<SamplePrompt["id"], "node-api">,
): Promise<Built> {
  const { page } = await browser.open(url);
  const studio = new StudioPage(page);
  // The page is there before it takes clicks; the model's name comes by its scripts.
  await page.getByText("Demo").first().waitFor();
  const clicked = Date.now();
  await studio.begin(sample);
  const shown =
    sample === "static-page"
      ? studio.app.getByRole("heading", { name: /Good bread takes/ })
      : studio.app.getByText(/of 3 done today/);
  await shown.waitFor({ timeout: VITE_PATIENCE_MS });
  const seen = Date.now();
  const projectId = new URL(page.url()).pathname.split("/").at(-1);
  await page.getByRole("button", { name: "Send" }).waitFor();
  const answer = await fetch(new URL(`/api/projects/${projectId}`, url));
  const detail = (await answer.json()) as ProjectDetail;
  await page.context().close();
  return { totalMs: seen - clicked, steps: stepsOf(detail, { clicked, seen }) };
}

function stepsOf(
  { messages }: ProjectDetail,
  { clicked, seen }: { clicked: number; seen: number },
): Built["steps"] {
  const parts = messages.flatMap((message) => message.parts);
  const steps: Built["steps"] = {};
  const add = (step: Step, durationMs: number): void => {
    steps[step] = (steps[step] ?? 0) + durationMs;
  };
  let first = seen;
  let last = clicked;
  for (const part of parts) {
    if (part.type !== "data-timing") continue;
    const { toolCallId, startedAt, endedAt = seen } = part.data;
    const call = parts.find((each) => "toolCallId" in each && each.toolCallId === toolCallId);
    if (!call) continue;
    first = Math.min(first, startedAt);
    last = Math.max(last, endedAt);
    const foreground = call.type === "tool-runCommand" && call.input?.background !== true;
    const tool = call.type.replace(/^tool-/, "");
    add(STEP_OF_TOOL[tool] ?? (foreground ? "install" : "start"), endedAt - startedAt);
  }
  add("begin", first - clicked);
  // The page may be shown before the tool that waits for it says so.
  add("page", Math.max(0, seen - last));
  const known = Object.values(steps).reduce((sum, each) => sum + each, 0);
  add("words", Math.max(0, seen - clicked - known));
  return steps;
}

/** The same files and the same server without a sandbox: until its page has been read. */
async function rawServer(directory: Bench["directory"]): Promise<number> {
  const folder = await directory();
  const begun = performance.now();
  for (const { path, content } of FILES) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
  await using server = await startServer(["server.mjs"], { cwd: folder });
  await server.page();
  return performance.now() - begun;
}

function promptRow(
  what: string,
  { built, goalMs, raw }: { built: Built[]; goalMs: number; raw?: Summary },
): Row {
  const total = summarize(built.map(({ totalMs }) => totalMs));
  const steps = STEPS.flatMap((step) => {
    const samples = built.flatMap(({ steps: { [step]: value } }) => value ?? []);
    return samples.length > 0 ? [{ step, summary: summarize(samples) }] : [];
  });
  const split = steps.map(({ step, summary }) => `${step} ${summary.p50.toFixed(0)}`).join(", ");
  return {
    what: `studio: click → app in the preview, ${what}`,
    baseline: raw ? `its files and its server without a sandbox: ${milliseconds(raw.p50)}` : "–",
    goal: `under ${goalMs / 1_000} s`,
    result: `${seconds(total)}; of it, in ms: ${split}`,
    reached: total.max < goalMs,
    numbers: {
      total,
      ...Object.fromEntries(steps.map(({ step, summary }) => [step, summary])),
      ...(raw && { raw }),
    },
  };
}

function seconds({ p50, max }: Summary): string {
  return `${(p50 / 1_000).toFixed(1)} s (at most ${(max / 1_000).toFixed(1)} s)`;
}

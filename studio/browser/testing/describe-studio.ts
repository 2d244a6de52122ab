import { afterAll, beforeAll, describe, expect, onTestFailed } from "vitest";
import { findBrowser } from "./find-browser.ts";
import { type ModelScript, modelServer } from "./model-server.ts";
import { openBrowser, screenshot, type TestBrowser, type TestPage } from "./open-browser.ts";
import { type RunningStudio, startStudio } from "./start-studio.ts";
import { StudioPage } from "./studio-page.ts";

type OpenOptions = Parameters<TestBrowser["open"]>[1];

/** What a test of this kind works with. */
export interface StudioTools {
  /** The studio that runs, with a state folder of its own. */
  running(): RunningStudio;
  /** A window of its own, as another person's would be, at a path of the studio. */
  open(path?: string, options?: OpenOptions): Promise<TestPage & { studio: StudioPage }>;
}

/**
 * Declares tests that share one studio and one browser; without a browser they are skipped, and say so. The studio's model is
 * the demo or, with a script, one that does what that says.
 */
export function describeStudio(
  title: string,
  declare: (tools: StudioTools) => void,
  { script }: { script?: ModelScript } = {},
): void {
  const hasBrowser = findBrowser() !== undefined;
  const reason = hasBrowser ? "" : " (skipped: no Chromium on the PATH)";
  describe.skipIf(!hasBrowser)(`${title}${reason}`, () => {
    let studio: RunningStudio | undefined;
    let browser: TestBrowser | undefined;
    let models: Awaited<ReturnType<typeof modelServer>> | undefined;
    beforeAll(async () => {
      models = script && (await modelServer(script));
      studio = await startStudio(models);
      browser = await openBrowser();
    });
    afterAll(async () => {
      await browser?.[Symbol.asyncDispose]();
      await studio?.[Symbol.asyncDispose]();
      await models?.[Symbol.asyncDispose]();
    });
    let windows = 0;
    const running = (): RunningStudio => {
      if (!studio) throw new Error("the studio is there while tests run");
      return studio;
    };
    declare({
      running,
      async open(path = "/", options = {}) {
        if (!browser) throw new Error("the browser is there while tests run");
        const opened = await browser.open(new URL(path, running().url).href, options);
        const test = (expect.getState().currentTestName ?? "").replace(/\W+/g, "-");
        windows += 1;
        const picture = `failed-${test}-${windows}`;
        onTestFailed(() => screenshot(opened.page, picture));
        return { ...opened, studio: new StudioPage(opened.page) };
      },
    });
  });
}

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { findBrowser } from "./find-browser.ts";

const SCREENSHOTS = join(import.meta.dirname, "../../../screenshots");
/** A machine that runs other things besides is slow; tests wait for what they mean, up to this long. */
const PATIENCE_MS = 30_000;

/** A browser, and pages in it that share nothing. */
export interface TestBrowser extends AsyncDisposable {
  /** A page in a window of its own, at the address; errors of its own scripts are noted. */
  open(url: string, options?: BrowserContextOptions): Promise<TestPage>;
}

export interface TestPage {
  page: Page;
  /** What went wrong in the studio's own page. */
  errors: string[];
}

export async function openBrowser(): Promise<TestBrowser> {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error("there is no Chromium on the PATH");
  const browser: Browser = await chromium.launch({
    executablePath,
    // It shows pages of this machine only, and as root Chromium's own sandbox cannot run.
    chromiumSandbox: false,
  });
  return {
    async open(url, options = {}) {
      const context = await browser.newContext({
        viewport: { width: 1440, height: 900 },
        reducedMotion: "reduce",
        ...options,
      });
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      await page.goto(url);
      return { page, errors };
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
    },
  };
}

/** Keeps a picture of the page for a person to look at. */
export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

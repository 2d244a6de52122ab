// Takes the README's picture of the studio: a real run of the demo model's first sample in a real browser.
//   node scripts/record-studio.ts
import { join } from "node:path";
import { openBrowser } from "../studio/browser/testing/open-browser.ts";
import { startStudio } from "../studio/browser/testing/start-studio.ts";
import { StudioPage } from "../studio/browser/testing/studio-page.ts";

const PICTURE = "docs/studio.png";

await using running = await startStudio();
await using browser = await openBrowser();
const { page } = await browser.open(running.url, {
  viewport: { width: 1280, height: 800 },
  colorScheme: "light",
});
const studio = new StudioPage(page);
await studio.build("static-page");
await studio.app.getByRole("heading", { name: /Good bread takes/ }).waitFor();
await page.screenshot({ path: join(import.meta.dirname, "..", PICTURE) });
process.stdout.write(`${PICTURE} is there\n`);

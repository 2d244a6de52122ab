import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { describeStudio } from "./testing/describe-studio.ts";
import { screenshot } from "./testing/open-browser.ts";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };

interface Finding {
  id: string;
  impact: string | null;
  nodes: { html: string; failureSummary?: string }[];
}

/** What a person with a screen reader, without a mouse or with weak eyes would run into. */
async function seriousFindings(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: AXE });
  const violations = await page.evaluate(async () => {
    const { axe } = window as unknown as {
      axe: { run(options: object): Promise<{ violations: Finding[] }> };
    };
    // The previewed app is somebody else's page.
    return (await axe.run({ iframes: false })).violations;
  });
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
}

describeStudio("layouts and access", ({ open }) => {
  test("a phone has each area once, behind tabs at the lower edge", async () => {
    const { page, studio, errors } = await open("/", PHONE);
    await screenshot(page, "phone-home");
    await studio.build("static-page");
    await screenshot(page, "phone-chat");
    const areas = page.getByRole("navigation", { name: "Areas" });
    for (const name of ["Preview", "Files", "History", "Terminal", "Logs"]) {
      await areas.getByRole("button", { name }).click();
      await page.getByRole("region", { name, exact: true }).waitFor();
      expect(await page.getByRole("log", { name: "Conversation" }).isVisible()).toBe(false);
      await screenshot(page, `phone-${name.toLowerCase()}`);
    }
    expect(await page.locator("iframe").count()).toBe(1);
    expect(await page.getByRole("textbox", { name: "Message", includeHidden: true }).count()).toBe(
      1,
    );
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBe(0);
    expect(errors).toEqual([]);
  });

  test("everything from the first prompt to the history is reached with the keyboard alone", async () => {
    const { page, studio } = await open();
    const press = async (key: string, isThere: () => Promise<boolean>): Promise<void> => {
      for (let count = 0; count < 40; count++) {
        if (await isThere()) return;
        await page.keyboard.press(key);
      }
      throw new Error(`${key} did not lead there within 40 times`);
    };
    const hasFocus = (text: RegExp) => async () =>
      text.test(
        await page.evaluate(() => {
          const { activeElement } = document;
          // The whole page, where nothing has it.
          if (activeElement === document.body) return "";
          return activeElement?.getAttribute("aria-label") ?? activeElement?.textContent ?? "";
        }),
      );
    await page.getByRole("button", { name: "A page for a bakery" }).waitFor();
    await press("Tab", hasFocus(/A page for a bakery/));
    await page.keyboard.press("Enter");
    await page.waitForURL(/\/projects\//);
    await studio.finished("a button that switches between light and dark.");
    await press("Tab", () =>
      page.evaluate(
        () => document.querySelector("main")?.contains(document.activeElement) ?? false,
      ),
    );
    await press("F6", hasFocus(/^Preview/));
    await page.keyboard.press("ArrowRight");
    await page.getByRole("tree", { name: "Files" }).waitFor();
    await page.keyboard.press("ArrowRight");
    await page.getByRole("list", { name: "Checkpoints" }).waitFor();
    await press("F6", hasFocus(/^Logs/));
    await page.keyboard.press("ArrowRight");
    await page.locator(":focus").filter({ hasText: "Terminal" }).waitFor();
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Terminal" }).waitFor();
  });

  test("axe finds nothing serious, in light and in dark", async () => {
    for (const colorScheme of ["light", "dark"] as const) {
      const { page, studio } = await open("/", { colorScheme });
      await page.getByRole("button", { name: "A page for a bakery" }).waitFor();
      expect(await seriousFindings(page), `home, ${colorScheme}`).toEqual([]);
      await screenshot(page, `home-${colorScheme}`);
      await studio.build("static-page");
      for (const tab of ["Preview", "Files", "History", "Terminal", "Logs"]) {
        await studio.openTab(tab);
        await page.getByRole("region", { name: tab, exact: true }).waitFor();
        expect(await seriousFindings(page), `${tab}, ${colorScheme}`).toEqual([]);
        await screenshot(page, `${tab.toLowerCase()}-${colorScheme}`);
      }
      await page.goto(new URL("/sandboxes", page.url()).href);
      await page.getByRole("row").nth(1).waitFor();
      expect(await seriousFindings(page), `sandboxes, ${colorScheme}`).toEqual([]);
    }
  });
});

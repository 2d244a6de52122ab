import { readFile } from "node:fs/promises";
import { unzipSync } from "fflate";
import { expect, test, vi } from "vitest";
import { describeStudio } from "./testing/describe-studio.ts";
import { screenshot } from "./testing/open-browser.ts";
import { BAKERY_CHANGED, REFUSAL, sample } from "./testing/studio-page.ts";

describeStudio("the whole loop", ({ open }) => {
  test("prompt, app, further change, way back, reload, stop and start", async () => {
    const { page, errors, studio } = await open();
    await page.getByText("No model is connected").waitFor();
    await screenshot(page, "home");

    await studio.begin("static-page");
    const heading = studio.app.getByRole("heading", { name: /Good bread takes/ });
    await heading.waitFor();
    await studio.said("I am the demo: a script, no AI");
    await studio.finished("a button that switches between light and dark.");
    await screenshot(page, "static-page");

    await studio.send(sample("static-page").followUp);
    await studio.finished(BAKERY_CHANGED);
    await page.getByRole("button", { name: "Reload the preview" }).click();
    const theme = studio.app.getByRole("button", { name: /Switch to/ });
    const first = await theme.getAttribute("aria-pressed");
    await theme.click();
    expect(await theme.getAttribute("aria-pressed")).not.toBe(first);
    await screenshot(page, "follow-up");

    await studio.openTab("History");
    const history = page.getByRole("region", { name: "History" });
    const checkpoints = history.getByRole("list", { name: "Checkpoints" }).getByRole("listitem");
    await checkpoints.nth(1).waitFor();
    expect(await checkpoints.count()).toBe(2);
    await screenshot(page, "history");
    await checkpoints.first().getByRole("button", { name: "Changes" }).click();
    await history.getByText('id="theme"').first().waitFor();
    await screenshot(page, "changes");
    await history.getByRole("button", { name: "Back to the list" }).click();
    await checkpoints
      .nth(1)
      .getByRole("button", { name: /Restore/ })
      .click();
    await page.getByRole("dialog").getByRole("button", { name: "Restore" }).click();
    await page.getByText("The files are as they were after").first().waitFor();
    await studio.openTab("Preview");
    await theme.waitFor({ state: "detached" });
    await heading.waitFor();

    await page.reload();
    await studio.said("There is a button in the top right corner now");
    await heading.waitFor();
    expect(await theme.count()).toBe(0);
    await studio.openTab("History");
    await checkpoints.nth(1).waitFor();

    await studio.openTab("Preview");
    await page.getByRole("button", { name: /^Sandbox:/ }).click();
    await page.getByRole("menuitem", { name: "Stop, and keep the files" }).click();
    await page.getByText("Nothing runs").waitFor();
    await screenshot(page, "stopped");
    await page.getByRole("button", { name: "Start the sandbox" }).click();
    await page.getByRole("button", { name: "Sandbox: Running" }).waitFor();
    await studio.openTab("Files");
    await page.getByRole("treeitem", { name: /server\.mjs/ }).waitFor();
    expect(errors).toEqual([]);
  });

  test("a Node API and its page are used in the preview", async () => {
    const { page, studio, errors } = await open();
    await studio.begin("node-api");
    // The page's own script has run: before, its form would be sent as any form is, and the page be loaded anew.
    await studio.app.getByText("4 books, 2 still to read").waitFor();
    await studio.finished("to show the unread books only.");
    const added = studio.app.getByText("5 books, 3 still to read");
    // With the turn's last files the frame is loaded anew, and what was typed into it by then is gone.
    await vi.waitFor(async () => {
      if (await added.isVisible()) return;
      await studio.app.getByRole("textbox", { name: "Title" }).fill("Momo");
      await studio.app.getByRole("button", { name: "Add", exact: true }).click();
      await added.waitFor({ timeout: 10_000 });
    }, 60_000);
    await screenshot(page, "node-api");
    expect(errors).toEqual([]);
  });

  test("Vite and React are installed, and the app follows a change by itself", async () => {
    const { page, studio, errors } = await open();
    let isConnected = false;
    page.on("framenavigated", (frame) => {
      if (frame !== page.mainFrame()) isConnected = false;
    });
    page.on("console", (message) => {
      if (message.text().includes("[vite] connected")) isConnected = true;
    });
    const untilConnected = () => expect.poll(() => isConnected, { timeout: 120_000 }).toBe(true);
    await studio.begin("vite-react");
    await studio.app.getByText(/of 3 done today/).waitFor({ timeout: 120_000 });
    await studio.finished("to show how many days in a row each habit was kept.");
    await studio.said(/Checkpoint: \d+ files changed/);
    await untilConnected();
    // With the turn's last files the frame may be loaded anew, and what changes before such a page is connected, its
    // development server tells nobody.
    isConnected = false;
    await page.getByRole("button", { name: "Reload the preview" }).click();
    await untilConnected();
    const root = studio.app.locator("html");
    await root.evaluate((element) => element.setAttribute("data-loaded", "once"));
    await studio.send(sample("vite-react").followUp);
    // Without a reload: the development server tells the page, through the preview.
    await studio.app.getByText("days in a row").first().waitFor();
    await studio.finished("That is all that this script can do for the habit tracker.");
    await studio.said("Checkpoint: 3 files changed");
    expect(await root.getAttribute("data-loaded")).toBe("once");
    await screenshot(page, "vite-react");
    expect(errors).toEqual([]);
  });

  test("a project is downloaded as a zip of its own files", async () => {
    const { page, studio } = await open();
    await studio.build("static-page");
    await page.getByRole("button", { name: "More" }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: "Download as zip" }).click(),
    ]);
    const zip = unzipSync(new Uint8Array(await readFile(await download.path())));
    const names = Object.keys(zip).filter((name) => !name.endsWith("/"));
    expect(names.toSorted()).toEqual(["public/index.html", "public/styles.css", "server.mjs"]);
  });

  test("the demo refuses what it has no script for, and builds nothing", async () => {
    const { page, studio } = await open();
    await studio.send("Build me a rocket.");
    await page.waitForURL(/\/projects\//);
    await studio.said("I did not understand that, and I changed nothing");
    await studio.finished(REFUSAL);
    expect(await page.getByRole("button", { name: /^Sandbox:/ }).count()).toBe(0);
    await screenshot(page, "refusal");
  });
});

import { readFileSync } from "node:fs";
import { daemonStatus, readSettings } from "sandlot/host";
import { expect, test } from "vitest";
import { describeStudio } from "./testing/describe-studio.ts";
import { screenshot } from "./testing/open-browser.ts";
import { BAKERY_CHANGED, sample } from "./testing/studio-page.ts";

/** Ends a process at once, and returns when it is no more. */
async function killNow(pid: number): Promise<void> {
  process.kill(pid, "SIGKILL");
  const isGone = (): boolean => {
    try {
      return / Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
    } catch {
      return true; // It has no entry any more.
    }
  };
  // No event tells of the end of a process that is not a child.
  while (!isGone()) await new Promise((next) => setTimeout(next, 20));
}

describeStudio("what survives", ({ open, running }) => {
  test("everything is there after the studio and the engine were killed, and goes on", async () => {
    const { page, studio } = await open();
    await studio.build("static-page");

    const { home } = running();
    const daemon = await daemonStatus(
      readSettings({ SANDLOT_HOME: home, SANDLOT_ENGINE: "daemon" }),
    );
    await running().kill();
    if (!daemon) throw new Error("no daemon ran");
    await killNow(daemon.pid);
    await page.getByText("The studio does not answer").waitFor();
    await screenshot(page, "studio-gone");

    await running().restart();
    await page.reload();
    await studio.said("is open: a page with a menu");
    await studio.app.getByRole("heading", { name: /Good bread takes/ }).waitFor();
    await studio.send(sample("static-page").followUp);
    await studio.finished(BAKERY_CHANGED);
  });

  test("a turn in whose middle the studio is killed says that it was interrupted", async () => {
    const { page, studio } = await open();
    await studio.begin("vite-react");
    await page.getByText("npm install").first().waitFor();
    await running().kill();
    await running().restart();
    await page.reload();
    await studio.said(/interrupted/i);
    await screenshot(page, "interrupted");
    await studio.send(sample("static-page").prompt);
    await studio.app.getByRole("heading", { name: /Good bread takes/ }).waitFor();
  });

  test("a reload in the middle of a turn shows all of it, and follows to its end", async () => {
    const { page, studio, errors } = await open();
    await studio.begin("node-api");
    await page.getByText("server.mjs").first().waitFor();
    await page.reload();
    await studio.said("First, a sandbox for the server");
    await studio.finished("to show the unread books only.");
    expect(errors).toEqual([]);
  });
});

import { expect, test } from "vitest";
import { describeStudio } from "./testing/describe-studio.ts";
import { screenshot } from "./testing/open-browser.ts";
import { BAKERY_CHANGED, REFUSAL, sample } from "./testing/studio-page.ts";

describeStudio("the panels", ({ open }) => {
  test("what is typed into the terminal runs in the sandbox, and a reload comes back to it", async () => {
    const { page, studio, errors } = await open();
    await studio.build("static-page");
    await studio.openTab("Terminal");
    const openOne = page.getByRole("button", { name: "Open one" });
    const terminal = page.getByRole("textbox", { name: /^Terminal:/ });
    await openOne.or(terminal).first().waitFor();
    if (await openOne.isVisible()) await openOne.click();
    await terminal.focus();
    await page.keyboard.type("echo $((6*7))-answers > typed.txt; ls public; cat typed.txt\n");
    const screen = page.getByRole("region", { name: "Terminal" });
    await screen.getByText("42-answers").waitFor();
    await screenshot(page, "terminal");

    await page.reload();
    await studio.openTab("Terminal");
    await screen.getByText("42-answers").waitFor();
    await studio.openTab("Files");
    await page.getByRole("treeitem", { name: /typed\.txt/ }).waitFor();
    expect(errors).toEqual([]);
  });

  test("a file is edited and saved, and the preview shows it", async () => {
    const { page, studio, errors } = await open();
    await studio.build("static-page");
    await studio.openTab("Files");
    const folder = page.getByRole("treeitem", { name: /^public/ });
    await folder.waitFor();
    if ((await folder.getAttribute("aria-expanded")) === "false") await folder.click();
    await page.getByRole("treeitem", { name: /index\.html/ }).click();
    const editor = page.locator(".cm-content");
    await editor.getByText("Good bread takes").waitFor();
    await editor.click();
    await page.keyboard.press("Control+a");
    await page.keyboard.insertText("<!doctype html><title>x</title><h1>Mine now</h1>");
    await screenshot(page, "files");
    const notSaved = page.getByText("Not saved");
    await notSaved.waitFor();
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await notSaved.waitFor({ state: "hidden" });
    await studio.openTab("Preview");
    await page.getByRole("button", { name: "Reload the preview" }).click();
    await studio.app.getByRole("heading", { name: "Mine now" }).waitFor();
    expect(errors).toEqual([]);
  });

  test("a command is run, searched, and killed; the preview says that its server has ended", async () => {
    const { page, studio } = await open();
    await studio.build("static-page");
    const logs = page.getByRole("region", { name: "Logs" });
    await logs.getByText("The bakery is open on port").waitFor();
    await logs
      .getByRole("textbox", { name: "Run a command" })
      .fill("seq 1 500; printf '\\033[31mred\\033[0m\\n'; sleep 600");
    await page.keyboard.press("Enter");
    const output = logs.getByRole("region", { name: "Output" });
    await output.getByText("red", { exact: true }).waitFor();
    await logs
      .getByRole("searchbox")
      .or(logs.getByRole("textbox", { name: "Search the output" }))
      .first()
      .fill("499");
    await screenshot(page, "logs");
    await logs.getByRole("button", { name: "Kill" }).click();
    await logs.getByRole("button", { name: "Kill" }).waitFor({ state: "detached" });

    await logs
      .getByRole("list", { name: "Commands" })
      .getByRole("button", { name: /node server\.mjs/ })
      .click();
    await logs.getByRole("button", { name: "Kill" }).click();
    await page.getByText(/The app has ended|Nothing runs/).waitFor();
    await screenshot(page, "killed");
  });

  test("where commands must be allowed, nothing runs before the yes, and a no is respected", async () => {
    const { page, studio, errors } = await open();
    await studio.send("Hello");
    await page.waitForURL(/\/projects\//);
    await studio.finished(REFUSAL);
    await page.getByRole("button", { name: "Settings" }).click();
    await page.getByText("Ask me first").click();
    const explained = page.getByText("Each command of the agent waits for your yes.");
    await explained.waitFor();
    await page.keyboard.press("Escape");
    await explained.waitFor({ state: "hidden" });

    await studio.send(sample("static-page").prompt);
    await page.getByText("May the agent run this command?").waitFor();
    await screenshot(page, "approval");
    await page.reload();
    await page.getByRole("button", { name: "Deny" }).click();
    await studio.finished("You said no to that, so I stop here");

    await studio.send(sample("static-page").prompt);
    await page.getByRole("button", { name: "Run it" }).click();
    await studio.app.getByRole("heading", { name: /Good bread takes/ }).waitFor();
    expect(errors).toEqual([]);
  });

  test("Stop ends the turn in the middle, and the command with it", async () => {
    const { page, studio } = await open();
    await studio.begin("vite-react");
    await page.getByText("npm install").first().waitFor();
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.getByRole("button", { name: "Send" }).waitFor();
    const commands = page
      .getByRole("region", { name: "Logs" })
      .getByRole("list", { name: "Commands" });
    await commands.getByRole("button", { name: /npm install/ }).click();
    expect(await page.getByRole("button", { name: "Kill" }).count()).toBe(0);
    await screenshot(page, "turn-stopped");
  });

  test("two browsers on one project see the same, as it happens", async () => {
    const first = await open();
    await first.studio.send("Hello");
    await first.page.waitForURL(/\/projects\//);
    await first.studio.finished(REFUSAL);
    const second = await open(new URL(first.page.url()).pathname);
    await second.studio.said("I did not understand that");

    await first.studio.send(sample("static-page").prompt);
    await second.studio.finished(/is open: a page with a menu/);
    await second.studio.app.getByRole("heading", { name: /Good bread takes/ }).waitFor();
    await second.studio.send(sample("static-page").followUp);
    await first.studio.finished(BAKERY_CHANGED);
    expect([first.errors, second.errors]).toEqual([[], []]);
  });

  test("on the sandboxes page a project's is forked; the second one is snapshotted and deleted", async () => {
    const { page, studio, errors } = await open();
    await studio.build("static-page");
    const own = `studio-${new URL(page.url()).pathname.split("/").at(-1)}`;
    await page.goto(new URL("/sandboxes", page.url()).href);
    const rows = page.getByRole("row").filter({ has: page.getByRole("button") });
    const rowOf = (name: string) =>
      rows.filter({ has: page.getByRole("button", { name: `Actions for ${name}`, exact: true }) });
    const choose = async (name: string, action: string): Promise<void> => {
      await rowOf(name).getByRole("button").click();
      await page.getByRole("menuitem", { name: action }).click();
    };
    const names = () => rows.getByRole("cell").nth(0).locator("[title]");
    await rowOf(own).waitFor();
    const before = await rows.count();
    await choose(own, "Fork");
    await page.getByText("A second sandbox was made").first().waitFor();
    await rows.nth(before).waitFor();
    await screenshot(page, "sandboxes");

    // The newest comes first.
    const fork = (await names().first().getAttribute("title")) ?? "";
    expect(fork).not.toBe(own);
    await choose(fork, "Take a snapshot");
    await page.getByText("A snapshot was taken, and the sandbox stopped").first().waitFor();
    await rowOf(fork).getByText("Stopped").waitFor();

    await choose(fork, "Delete");
    const dialog = page.getByRole("dialog").or(page.getByRole("alertdialog"));
    await dialog.getByText(`${fork} and all files in it are deleted.`).waitFor();
    await dialog.getByRole("button", { name: "Delete" }).click();
    await rowOf(fork).waitFor({ state: "detached" });
    await rowOf(own).getByText("Running").waitFor();
    expect(errors).toEqual([]);
  });
});

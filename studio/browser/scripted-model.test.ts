import { expect, test } from "vitest";
import { describeStudio } from "./testing/describe-studio.ts";
import type { ModelStep } from "./testing/model-server.ts";
import { screenshot } from "./testing/open-browser.ts";

const SERVER = `import { readFileSync } from "node:fs";
import { createServer } from "node:http";
createServer((_request, response) => {
  response.writeHead(200, { "content-type": "text/html" }).end(readFileSync("index.html"));
}).listen(3000);
`;
const REPORT = "The app that you built has errors.";

/** What the page throws, in the order in which the model replaces one error by the next. */
const FRUITS = ["apple", "banana", "cherry"];

const page = (fruit: string) =>
  `<!doctype html><h1>Rotten ${fruit}</h1><script>throw new Error("no ${fruit}");</script>`;
const write = (files: { path: string; content: string }[]): ModelStep => ({
  call: { tool: "generateFiles", input: { files } },
});
const rot = (fruit: string): ModelStep => write([{ path: "index.html", content: page(fruit) }]);

/** What the model was told of, in order. */
const told: string[] = [];

/** A model that builds a page with an error, and with each fix makes another one until it knows no more. */
function script(prompt: string, results: number): ModelStep {
  const turn = turnOf(prompt, results);
  return turn[results] ?? { text: "That is all." };
}

function turnOf(prompt: string, results: number): ModelStep[] {
  if (prompt === "Build a page.") {
    return [
      { call: { tool: "createSandbox", input: {} } },
      write([
        { path: "server.mjs", content: SERVER },
        { path: "index.html", content: page("apple") },
      ]),
      { call: { tool: "runCommand", input: { command: "node server.mjs", background: true } } },
      { call: { tool: "getSandboxUrl", input: { port: 3000 } } },
      { text: "The page is up." },
    ];
  }
  if (prompt === "Wait.") {
    return [
      { call: { tool: "createSandbox", input: {} } },
      { call: { tool: "runCommand", input: { command: "sleep 1000" } } },
    ];
  }
  if (prompt === "Break it.") return [rot("damson"), { text: "It is broken." }];
  if (!prompt.startsWith(REPORT)) return [{ text: "I am ready." }];
  const place = FRUITS.findIndex((fruit) => prompt.includes(`no ${fruit}`));
  if (results === 0) told.push(FRUITS[place] ?? prompt);
  const next = FRUITS[place + 1];
  return next ? [rot(next), { text: `The ${next} is better.` }] : [{ text: "I know no more." }];
}

describeStudio(
  "with a model that follows a script",
  ({ open, running }) => {
    test("errors of the page are sent to the model: within a budget, never the same twice, and not when switched off", async () => {
      const { page: window, studio, errors } = await open();
      const decision = window.getByRole("region", { name: "Preview" }).getByRole("status");
      const reload = window.getByRole("button", { name: "Reload the preview" });
      await studio.send("Build a page.");
      await window.waitForURL(/\/projects\//);

      // The page has a new error after each of the two fixes that the budget holds.
      await studio.said("The banana is better.");
      await studio.said("The cherry is better.");
      await studio.app.getByRole("heading", { name: "Rotten cherry" }).waitFor();
      await decision.filter({ hasText: "asked for 2 fixes since your last message" }).waitFor();
      await screenshot(window, "auto-fix-budget");
      expect(told).toEqual(["apple", "banana"]);

      // What the user says makes room for others.
      await studio.send("Go on.");
      await studio.finished("I am ready.");
      await reload.click();
      await studio.finished("I know no more.");
      expect(told).toEqual(["apple", "banana", "cherry"]);
      await reload.click();
      await decision.filter({ hasText: "was told of this error already" }).waitFor();

      await window.getByRole("button", { name: "Settings" }).click();
      await window.getByRole("switch", { name: "Auto-fix" }).click();
      await window.keyboard.press("Escape");
      await studio.send("Break it.");
      await studio.finished("It is broken.");
      await studio.app.getByRole("heading", { name: "Rotten damson" }).waitFor();
      await decision.filter({ hasText: "switched off in this project" }).waitFor();
      expect(told).toEqual(["apple", "banana", "cherry"]);
      // Those of the page itself, which the window hears of, too.
      expect(errors.filter((message) => !message.startsWith("no "))).toEqual([]);
    });

    test("what the agent waited for when the studio was killed is ended, and the answer says so", async () => {
      const { page: window, studio } = await open();
      await studio.send("Wait.");
      await window.waitForURL(/\/projects\//);
      const logs = window.getByRole("region", { name: "Logs" });
      const command = logs
        .getByRole("list", { name: "Commands" })
        .getByRole("button", { name: /sleep 1000/ });
      await command.click();
      const kill = logs.getByRole("button", { name: "Kill" });
      await kill.waitFor();
      await running().kill();
      await running().restart();
      await window.reload();
      await studio.said("“sleep 1000” was still running: it was ended before it was done.");
      await command.click();
      await logs
        .getByText(/Ended with code 143|143/)
        .first()
        .waitFor();
      expect(await kill.count()).toBe(0);
      await screenshot(window, "interrupted-command");
      await studio.send("Go on.");
      await studio.finished("I am ready.");
    });
  },
  { script },
);

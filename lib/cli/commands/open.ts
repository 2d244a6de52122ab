import { SandboxError } from "../../contract/errors.ts";
import { Sandbox } from "../../trigger-client/index.ts";
import { defineCommand, jsonOption } from "../command-spec.ts";
import { openInBrowser } from "../open-in-browser.ts";

export const open = defineCommand({
  name: "open",
  summary: "Open a sandbox's port in the browser",
  details:
    "Prints the URL, and opens it when a person is at the terminal. The sandbox is started if it\n" +
    "is stopped. The port may be left out when the sandbox exposes just one.",
  positionals: [
    { name: "sandbox", about: "the sandbox's name" },
    { name: "port", about: "the port as the sandbox knows it", optional: true },
  ],
  options: {
    print: { type: "boolean", about: "Print the URL only" },
    ...jsonOption,
  },
  examples: ["sandlot open my-sandbox 3000", "curl $(sandlot open my-sandbox 3000 --print)"],
  async run({ options, positionals }, { console, signal }) {
    const [name, asked] = positionals as [string, string | undefined];
    const sandbox = await Sandbox.get({ name, resume: true, signal });
    const port = choosePort(
      sandbox.routes.map((route) => route.port),
      asked,
      name,
    );
    const url = sandbox.domain(port);
    if (options.json) return console.json({ sandbox: name, port, url });
    console.line(url);
    if (options.print || !console.isTerminal) return;
    const answer = await fetch(url, { method: "HEAD", signal });
    if (answer.status === 502) {
      console.note(`Nothing listens on port ${port} yet; the page reloads itself when it does.`);
    }
    if (!(await openInBrowser(url))) {
      console.note("No browser could be started here. Open the URL by hand.");
    }
  },
});

function choosePort(exposed: number[], asked: string | undefined, name: string): number {
  const shown = exposed.length > 0 ? exposed.join(", ") : "none";
  if (asked === undefined) {
    if (exposed.length === 1) return exposed[0]!;
    throw new SandboxError(
      "invalid_request",
      `Which port of ${name}? It exposes: ${shown}.\nSee: sandlot open --help`,
    );
  }
  const port = exposed.find((each) => String(each) === asked);
  if (port !== undefined) return port;
  throw new SandboxError(
    "not_found",
    `Sandbox ${name} does not expose port ${asked}. It exposes: ${shown}.\n` +
      "Ports are named when the sandbox is created, or later by sandbox.update({ ports }).",
  );
}

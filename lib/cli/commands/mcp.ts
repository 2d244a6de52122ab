import { once } from "node:events";
import { SandboxError } from "../../contract/errors.ts";
import { accessToken } from "../../host/access-token.ts";
import { readSettings, SETTINGS } from "../../host/settings.ts";
import { makeStateFolder, stateFolder } from "../../host/state-folder.ts";
import { defineCommand } from "../command-spec.ts";
import type { Console } from "../console.ts";

export const mcp = defineCommand({
  name: "mcp",
  summary: "Give coding agents the sandboxes as tools, by the Model Context Protocol",
  details:
    "Without an option it speaks over stdin and stdout, as agents start servers. With --http it serves\n" +
    "any number of agents on a port of this machine, at the path /mcp, for those that send the state\n" +
    "folder's token (Authorization: Bearer ...).",
  options: {
    http: {
      type: "string",
      about: "Listen on a port of this machine: auto, or 127.0.0.1:PORT",
      value: "address",
    },
  },
  examples: ["claude mcp add sandlot -- npx sandlot mcp", "sandlot mcp --http 127.0.0.1:7070"],
  async run({ options }, { console, signal }) {
    if (options.http !== undefined) return overHttp(options.http, { console, signal });
    // Other commands need nothing of the protocol.
    const { serveStdio } = await import("../../mcp/serve-stdio.ts");
    await serveStdio({ stdin: process.stdin, stdout: process.stdout, signal });
  },
});

async function overHttp(
  text: string,
  { console, signal }: { console: Console; signal: AbortSignal },
): Promise<void> {
  const address = SETTINGS.listen.parse(text);
  if (!address) {
    throw new SandboxError(
      "invalid_request",
      `--http is ${JSON.stringify(text)}. Give ${SETTINGS.listen.allowed}.`,
    );
  }
  const { serveHttp } = await import("../../mcp/serve-http.ts");
  const { home } = readSettings();
  makeStateFolder(home);
  const { token } = stateFolder(home);
  await using server = await serveHttp({ address, token: accessToken(token) });
  console.line(server.url);
  console.note(`The token is in ${token}. Ctrl-C ends the server.`);
  signal.throwIfAborted();
  await once(signal, "abort");
}

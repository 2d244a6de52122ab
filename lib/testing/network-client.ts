import type { NamespaceHolder } from "./namespace-holder.ts";

/** What a client inside does, one thing per program. */
export type ClientAct =
  | {
      act: "http" | "https";
      address: string;
      port: number;
      host: string;
      path?: string;
      headers?: Record<string, string>;
      method?: string;
      body?: string;
      ca?: string;
    }
  | { act: "tcp"; address: string; port: number; send?: string }
  | { act: "dns"; server?: string; name: string; type?: string };

/** What came of it: an answer, or the code of the failure. */
export type ClientResult =
  | { code: string }
  | { status: number; headers: Record<string, string>; body: string }
  | { text: string }
  | { addresses: unknown };

// Plain JavaScript in a text: it runs as a user of the sandbox's, who need not be able to read this file.
const CLIENT = `
const act = JSON.parse(process.argv[1]);
const out = (result) => process.stdout.write(JSON.stringify(result), () => process.exit(0));
const fail = (error) => out({ code: error.code ?? error.message });
if (act.act === "http" || act.act === "https") {
  const request = require("node:" + act.act).request({
    host: act.address, port: act.port, servername: act.host, ca: act.ca, path: act.path ?? "/",
    method: act.method ?? "GET", headers: { host: act.host, ...act.headers }, agent: false,
  }, (response) => {
    let body = "";
    response.setEncoding("utf8");
    response.on("data", (data) => { body += data; });
    response.on("error", fail);
    response.on("end", () => out({ status: response.statusCode, headers: response.headers, body }));
  });
  request.on("error", fail);
  request.end(act.body);
} else if (act.act === "tcp") {
  const socket = require("node:net").connect(act.port, act.address);
  let text = "";
  socket.setEncoding("utf8");
  socket.on("error", fail);
  socket.on("data", (data) => { text += data; });
  socket.on("end", () => out({ text }));
  if (act.send !== undefined) socket.write(act.send);
} else {
  const { Resolver } = require("node:dns").promises;
  const resolver = new Resolver({ timeout: 3000, tries: 1 });
  resolver.setServers([act.server ?? "198.18.0.1"]);
  resolver.resolve(act.name, act.type ?? "A").then((addresses) => out({ addresses }), fail);
}
`;

/** Runs a client in the holder's network, as a sandbox's command would. */
export async function clientIn(holder: NamespaceHolder, act: ClientAct): Promise<ClientResult> {
  const { stdout, stderr } = await holder.run([
    process.execPath,
    "-e",
    CLIENT,
    JSON.stringify(act),
  ]);
  if (stdout === "") throw new Error(`the client inside failed: ${stderr}`);
  return JSON.parse(stdout) as ClientResult;
}

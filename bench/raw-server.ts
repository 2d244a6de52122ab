import { spawn } from "node:child_process";
import { once } from "node:events";

export interface RawServer extends AsyncDisposable {
  pid: number;
  /** Reads its first page to the end. */
  page(): Promise<string>;
}

/**
 * Starts a Node server that listens on the PORT of its environment, and whose first line of output ends with the port.
 * It listens when this resolves; disposing ends it.
 */
export async function startServer(
  program: readonly string[],
  { cwd }: { cwd: string },
): Promise<RawServer> {
  const child = spawn(process.execPath, program, {
    cwd,
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const [said] = (await Promise.race([
    once(child.stdout.setEncoding("utf8"), "data"),
    ended.then(() => {
      throw new Error(`${program.join(" ")} ended before it listened`);
    }),
  ])) as [string];
  const port = /\d+$/.exec(said.trim())?.[0];
  if (child.pid === undefined || port === undefined) throw new Error(`no port in "${said}"`);
  return {
    pid: child.pid,
    page: async () => (await fetch(`http://127.0.0.1:${port}/`)).text(),
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** The least that serves a page. */
export const LEAST_SERVER = [
  "--eval",
  `const server = require("node:http").createServer((_, response) => response.end("<p>Hello</p>"));
   server.listen(0, "127.0.0.1", () => console.log(server.address().port));`,
];

import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { createRequire } from "node:module";
import { inspect } from "node:util";
import getPort, { portNumbers } from "get-port";
import { StartError } from "./start-error.ts";

const FIRST_PORT = 3000;
const LAST_PORT = 3099;
/** What still hangs after that, such as a download that nobody takes, is not worth the wait. */
const END_PATIENCE_MS = 5_000;

/**
 * The port that was asked for, or else a free one near 3000, on which no address of this machine is taken: the browser
 * may take `localhost` for another one than the studio's. Throws a StartError where nobody can listen there.
 */
export async function choosePort(host: string, wanted: number | undefined): Promise<number> {
  const port = wanted ?? (await getPort({ port: portNumbers(FIRST_PORT, LAST_PORT) }));
  const attempt = createServer();
  await listen(attempt, { host, port });
  await once(attempt.close(), "close");
  return port;
}

/** What is used of Next's custom server. Its own types would give every program of this folder Next's globals. */
type Next = (options: {
  dev: boolean;
  dir: string;
  hostname: string;
  port: number;
  httpServer: Server;
  quiet: boolean;
}) => {
  prepare(): Promise<void>;
  getRequestHandler(): (...request: Parameters<RequestListener>) => Promise<void>;
  close(): Promise<void>;
};

export interface ServeOptions {
  /** The folder of the project. */
  root: string;
  host: string;
  port: number;
  /** Serves the sources instead of what was built. */
  dev: boolean;
}

/** Serves the studio from this process, so that it ends with it in whatever way that happens. Disposing stops it. */
export async function serveStudio({
  root,
  host,
  port,
  dev,
}: ServeOptions): Promise<AsyncDisposable> {
  Object.assign(process.env, {
    NODE_ENV: dev ? "development" : "production",
    NEXT_TELEMETRY_DISABLED: "1",
  });
  // It reads NODE_ENV as it is loaded.
  const next: Next = createRequire(import.meta.url)("next");
  const server = createServer();
  const app = next({ dev, dir: root, hostname: host, port, httpServer: server, quiet: !dev });
  await app.prepare();
  const handle = app.getRequestHandler();
  let ends = false;
  server.on("request", (request, response) => {
    // A browser keeps its connections, and the server waits for those that were busy as it was told to end.
    response.once("close", () => ends && setImmediate(() => server.closeIdleConnections()));
    handle(request, response).catch((error: unknown) => {
      process.stderr.write(`${request.method} ${request.url} failed: ${inspect(error)}\n`);
      response.destroy();
    });
  });
  await listen(server, { host, port });
  return {
    async [Symbol.asyncDispose]() {
      ends = true;
      const closed = once(server, "close");
      server.close();
      const late = setTimeout(() => server.closeAllConnections(), END_PATIENCE_MS);
      await closed;
      clearTimeout(late);
      await app.close();
    },
  };
}

async function listen(server: Server, place: { host: string; port: number }): Promise<void> {
  try {
    await once(server.listen(place), "listening");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const explanation = explain(code, place);
    throw explanation === undefined ? error : new StartError(explanation, { cause: error });
  }
}

function explain(code: string, { host, port }: { host: string; port: number }): string | undefined {
  if (code === "EADDRINUSE") {
    return `The studio cannot listen on port ${port}: another program has it. Choose another one with --port, or leave --port out to take the next free one.`;
  }
  if (code === "EACCES") {
    return `The studio may not listen on port ${port}: this machine keeps it for its administrator. Choose one from 1024 up with --port.`;
  }
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    return `The studio cannot listen on ${host}: this machine has no such address. Leave --host out to be reached from this machine alone.`;
  }
  return undefined;
}

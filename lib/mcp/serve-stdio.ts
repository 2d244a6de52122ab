import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { abortable } from "../std/abortable.ts";
import { createMcpServer } from "./mcp-server.ts";

export interface ServeStdioOptions {
  stdin: Readable;
  /** Carries messages and nothing else. */
  stdout: Writable;
  signal: AbortSignal;
}

/** Serves the one client at the other end of the pipes, until it closes its end or the signal is aborted; calls under way are cancelled then. */
export async function serveStdio({ stdin, stdout, signal }: ServeStdioOptions): Promise<void> {
  signal.throwIfAborted();
  const server = createMcpServer();
  const left = Promise.race([once(stdin, "end"), once(stdin, "close")]);
  await server.connect(new StdioServerTransport(stdin, stdout));
  try {
    await abortable(left, signal);
  } finally {
    await server.close();
  }
}

import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { packageVersion } from "../host/package-version.ts";
import { COMMAND_TOOLS } from "./command-tools.ts";
import { FILE_TOOLS } from "./file-tools.ts";
import { LIFECYCLE_TOOLS } from "./lifecycle-tools.ts";

const INSTRUCTIONS =
  "Sandboxes on the user's own computer, for running code that should not touch the user's files. `create` one, " +
  "`write` files, `run` commands, `read` results. They live on between calls and between conversations: `list` " +
  "shows those that there are.";

/** A server of the sandbox tools for one client. Whoever connects it ends it by `close()`. */
export function createMcpServer(): McpServer {
  const server = new McpServer(
    { name: "sandlot", title: "Sandlot", version: packageVersion() },
    { instructions: INSTRUCTIONS },
  );
  for (const tool of [...LIFECYCLE_TOOLS, ...COMMAND_TOOLS, ...FILE_TOOLS]) tool.register(server);
  return server;
}

/** One room of the house: a folder, the floor it stands on, and what it alone may do. */
export interface Room {
  /** The folder, from the root of the repository. */
  folder: string;
  floor: number;
  /** Rooms of the library that it may import, besides itself. */
  rooms: readonly string[];
  /** Packages and built-in modules that it may import, besides the built-ins that are open to all. */
  packages: readonly string[];
}

const ZOD = ["zod"];

/** Who may import whom: arrows point down only, and rooms on one floor do not know each other. */
export const ROOMS: readonly Room[] = [
  { folder: "lib/std", floor: 0, rooms: [], packages: [] },
  { folder: "lib/contract", floor: 1, rooms: ["lib/std"], packages: ZOD },
  {
    folder: "lib/engine",
    floor: 2,
    rooms: ["lib/contract", "lib/std"],
    packages: [...ZOD, "tar-stream", "@fastify/busboy"],
  },
  {
    folder: "lib/backends/isolation",
    floor: 3,
    rooms: ["lib/engine", "lib/contract", "lib/std"],
    packages: [
      ...ZOD,
      "node:child_process",
      "@lydell/node-pty",
      "get-port",
      "tar-stream",
      // Of the sandboxes' networks: names, matchers without catastrophes, certificates.
      "dns-packet",
      "re2js",
      "@peculiar/x509",
      "reflect-metadata",
    ],
  },
  {
    folder: "lib/backends/store",
    floor: 3,
    rooms: ["lib/engine", "lib/contract", "lib/std"],
    packages: [...ZOD, "node:sqlite"],
  },
  // Our sandboxes on other vendors' clouds, each by its own SDK, which is loaded when it is asked for.
  {
    folder: "lib/backends/clouds",
    floor: 3,
    rooms: ["lib/engine", "lib/contract", "lib/std"],
    packages: [...ZOD, "e2b", "@daytona/sdk"],
  },
  {
    folder: "lib/backends/lock",
    floor: 3,
    rooms: ["lib/engine", "lib/contract", "lib/std"],
    packages: ["node:sqlite"],
  },
  {
    folder: "lib/faces/vercel",
    floor: 3,
    rooms: ["lib/engine", "lib/contract", "lib/std"],
    packages: [...ZOD, "hono"],
  },
  {
    folder: "lib/faces/e2b",
    floor: 3,
    rooms: ["lib/engine", "lib/contract", "lib/std"],
    packages: [...ZOD, "hono"],
  },
  {
    folder: "lib/faces/daytona",
    floor: 3,
    rooms: ["lib/engine", "lib/contract", "lib/std"],
    packages: [...ZOD, "hono"],
  },
  {
    folder: "lib/host",
    floor: 4,
    rooms: [
      "lib/backends/clouds",
      "lib/backends/isolation",
      "lib/backends/lock",
      "lib/backends/store",
      "lib/faces/daytona",
      "lib/faces/e2b",
      "lib/faces/vercel",
      "lib/engine",
      "lib/contract",
      "lib/std",
    ],
    packages: [
      ...ZOD,
      "hono",
      "@hono/node-server",
      "undici",
      "ws",
      "get-port",
      // Its own version.
      "sandlot/package.json",
      // It starts the daemon.
      "node:child_process",
    ],
  },
  {
    folder: "lib/trigger-client",
    floor: 5,
    rooms: ["lib/host", "lib/contract", "lib/std"],
    packages: [...ZOD, "@vercel/sandbox"],
  },
  {
    folder: "lib/register",
    floor: 6,
    rooms: ["lib/trigger-client", "lib/host", "lib/contract", "lib/std"],
    packages: ["@vercel/sandbox"],
  },
  // The sandboxes as tools for agents. The command line starts it.
  {
    folder: "lib/mcp",
    floor: 6,
    rooms: ["lib/trigger-client", "lib/host", "lib/contract", "lib/std"],
    packages: [...ZOD, "@hono/node-server", "@modelcontextprotocol/sdk"],
  },
  // Other toolkits' interfaces over the SDK: each alone may load its toolkit.
  {
    folder: "lib/computesdk",
    floor: 6,
    rooms: ["lib/trigger-client", "lib/contract", "lib/std"],
    packages: ["@computesdk/provider"],
  },
  {
    folder: "lib/ai-sdk",
    floor: 6,
    rooms: ["lib/trigger-client", "lib/host", "lib/contract", "lib/std"],
    packages: ["@ai-sdk/harness", "@ai-sdk/provider-utils"],
  },
  {
    folder: "lib/cli",
    floor: 7,
    rooms: ["lib/mcp", "lib/trigger-client", "lib/host", "lib/contract", "lib/std"],
    // `open` starts the browser, `doctor` asks the machine's own programs.
    packages: [...ZOD, "node:child_process"],
  },
  {
    folder: "lib/testing",
    floor: 8,
    rooms: [
      "lib/backends/clouds",
      "lib/backends/isolation",
      "lib/backends/lock",
      "lib/backends/store",
      "lib/faces/daytona",
      "lib/faces/e2b",
      "lib/faces/vercel",
      "lib/host",
      "lib/trigger-client",
      "lib/register",
      "lib/cli",
      "lib/engine",
      "lib/contract",
      "lib/std",
    ],
    packages: ["*"],
  },
  { folder: "trigger", floor: 6, rooms: [], packages: [...ZOD, "sandlot", "@trigger.dev"] },
  // Holds the library to its promises through what it publishes.
  { folder: "conformance", floor: 6, rooms: ["lib/testing"], packages: ["*"] },
  {
    folder: "trigger/testing",
    floor: 6,
    rooms: ["trigger", "trigger-local/testing", "lib/testing"],
    packages: ["*"],
  },
  // The studio's agent, whose tools run as tasks: tests alone, which stand above both.
  { folder: "trigger/agent", floor: 7, rooms: [], packages: [] },
  // Development equipment: a platform for tasks on this machine. Of the product it takes tools, and knows nothing else.
  {
    folder: "trigger-local",
    floor: 6,
    rooms: ["lib/host", "lib/std"],
    packages: [
      ...ZOD,
      "@trigger.dev",
      "@hono/node-server",
      "get-port",
      "hono",
      "node:child_process",
      "node:sqlite",
      "socket.io",
    ],
  },
  {
    folder: "trigger-local/testing",
    floor: 6,
    rooms: ["trigger-local", "lib/testing", "lib/std"],
    packages: ["*"],
  },
  // The studio: its words, its models and tools, what it does on the server, what it shows.
  {
    folder: "studio/contract",
    floor: 6,
    rooms: [],
    packages: [...ZOD, "sandlot/contract", "ai"],
  },
  {
    folder: "ai",
    floor: 7,
    rooms: ["trigger", "studio/contract"],
    packages: [...ZOD, "sandlot", "ai", "@ai-sdk"],
  },
  {
    folder: "components",
    floor: 7,
    rooms: ["studio/contract"],
    packages: [
      ...ZOD,
      "sandlot/contract",
      "ai",
      "@ai-sdk/react",
      "react",
      "react-dom",
      "next",
      "@codemirror",
      "@lezer/highlight",
      "@tanstack/react-query",
      "@xterm",
      "anser",
      "class-variance-authority",
      "clsx",
      "fflate",
      "lucide-react",
      "radix-ui",
      "react-resizable-panels",
      "streamdown",
      "tailwind-merge",
      "zustand",
    ],
  },
  {
    folder: "studio/server",
    floor: 8,
    rooms: ["ai", "studio/contract"],
    packages: [...ZOD, "sandlot", "ai", "node:sqlite", "fflate", "httpxy", "ws"],
  },
  {
    folder: "studio/testing",
    floor: 8,
    rooms: ["ai", "studio/server", "studio/contract"],
    packages: ["*"],
  },
  // Drives the whole from outside, as a person does.
  {
    folder: "studio/browser",
    floor: 9,
    rooms: ["ai", "studio/contract"],
    packages: ["*"],
  },
  {
    folder: "app",
    floor: 9,
    rooms: ["ai", "components", "studio/server", "studio/contract"],
    packages: ["*"],
  },
];

/** Built-in modules that give power over the machine: only rooms that name them may import them. */
export const GUARDED_BUILTINS: ReadonlySet<string> = new Set([
  "node:child_process",
  "node:cluster",
  // It hands out the environment under any name.
  "node:process",
  "node:sqlite",
  "node:worker_threads",
]);

/** Rooms that may read the environment. */
export const READS_ENVIRONMENT: ReadonlySet<string> = new Set([
  "lib/host",
  "lib/register",
  "lib/testing",
  "trigger",
  "trigger-local",
]);

/** The one file that may load Trigger.dev, and only by `await import()`. */
export const LOADS_TRIGGER = "lib/trigger-client/transport/trigger.ts";
